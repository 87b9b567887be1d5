"""Compare every stored page with the known facts about its operations."""

from __future__ import annotations

from ..ingest.gateways import gateway_of_stem
from ..ingest.normalise import normalise
from ..spec.documents import Document
from ..spec.operations import places
from .contradictions import Contradiction, find_contradictions
from .known import by_id
from .wrapper import ALWAYS_SENT


def page_contradictions(supplied: dict[str, Document], named: Document, known: Document) -> list[Contradiction]:
    """Every contradiction of every stored page.

    Args:
        supplied: The stored documents by their stems.
        named: The named document, which has the name of each operation.
        known: The known operations.
    """
    names = {place.key: operation["operationId"] for place, operation in places(named).items()}
    facts = by_id(known)
    found = []
    for stem, document in supplied.items():
        page = normalise(document)
        for place, operation in places(page).items():
            name = names.get(place.key)
            if name in facts:
                found += find_contradictions(
                    gateway_of_stem(stem), facts[name], operation, known, page, always_sent=ALWAYS_SENT
                )
    return found
