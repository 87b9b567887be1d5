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

    The document need not be valid yet: invalid parts are not changed here, and are refused later.

    Args:
        document: The document of the page. It is not changed.
        positions: The positions of its values in the page.
    """
    listing = Listing(positions)
    if str(document.get("openapi", "")).startswith("3.0"):
        document = read_null_types(document, listing)
    for rule in (read_servers, read_security, read_bodies, read_examples):
        document = rule(document, listing)
    return document, tuple(listing.entries)
