"""The differences between the gateways' pages of one operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..ingest.gateways import PRIMARY, gateway_of_stem
from ..ingest.normalise import normalise
from ..spec.documents import Document
from ..spec.operations import Place, places
from .changes import Change, Differ


def compare_gateways(supplied: Mapping[str, Document]) -> Iterator[tuple[str, Place, Change]]:
    """Each difference as (other gateway, place of the operation, change from chainhub's page to the other).

    Differences of descriptions are left out: each gateway uses its own words.
    """
    ours = {stem: normalise(each) for stem, each in supplied.items() if gateway_of_stem(stem) == PRIMARY}
    for stem, document in supplied.items():
        if stem in ours:
            continue
        other = normalise(document)
        for place, operation in places(other).items():
            for page in ours.values():
                for same, described in places(page).items():
                    if same.identity == place.identity:
                        changes = Differ(page, other).operation(described, operation, (same.path, place.path))
                        for change in changes:
                            if change.kind != "description-changed":
                                yield gateway_of_stem(stem), place, change
