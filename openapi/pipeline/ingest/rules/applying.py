"""All rules, in order."""

from __future__ import annotations

from typing import Any

from ...spec.yaml_text import Positions
from .examples import read_examples
from .listing import Listing, Normalisation
from .nullable import read_null_types
from .requests import read_bodies, read_security
from .servers import read_servers


def apply_rules(
    document: dict[str, Any], positions: Positions | None = None
) -> tuple[dict[str, Any], tuple[Normalisation, ...]]:
    """A page's document as plain OpenAPI, and what was changed.

    The document need not be valid yet: what is not formed like OpenAPI is left alone, and refused afterwards.

    Args:
        document: As the page says it. It is not changed.
        positions: Where its values stand in the page.
    """
    listing = Listing(positions)
    if str(document.get("openapi", "")).startswith("3.0"):
        document = read_null_types(document, listing)
    for rule in (read_servers, read_security, read_bodies, read_examples):
        document = rule(document, listing)
    return document, tuple(listing.entries)
