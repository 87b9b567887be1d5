"""Convert the text of a page to a valid OpenAPI 3.0 document, and list all corrections."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from ..spec import documents
from ..spec.documents import Document
from ..spec.walk import copy_json
from ..spec.yaml_text import Positions
from ..spec.yaml_text import positions as read_positions
from . import unsupported
from .downgrade import downgrade
from .repair import Repair, repair
from .rules import Normalisation, apply_rules
from .servers import with_base_path_in_paths
from .tables import read_table_page


@frozen
class Reading:
    """A document, and the corrections that were made to the page."""

    document: Document
    repairs: tuple[Repair, ...]
    normalisations: tuple[Normalisation, ...]


def read_openapi(text: str, name: str, first_line: int = 1) -> Reading:
    """Read a text of YAML or JSON. The result depends on the text alone, so each reading gives the same.

    Args:
        text: The text.
        name: Of the page; a name in `.json` means JSON.
        first_line: The line of the file on which the text begins, counted from 1.

    Raises:
        DocumentError: If the text cannot be read in one way only, or is not a usable OpenAPI document.
    """
    reading = _read(text, name, first_line)
    return Reading(copy_json(reading.document), reading.repairs, reading.normalisations)


@lru_cache(maxsize=64)  # a regeneration reads the same few pages many times
def _read(text: str, name: str, first_line: int) -> Reading:
    is_json = name.endswith(".json") or text.lstrip().startswith("{")
    repairs: tuple[Repair, ...] = ()
    if not is_json:
        repaired = repair(text, name, first_line)
        text, repairs = repaired.text, repaired.repairs
    parsed = documents.parse(text, name, first_line)
    positions = None if is_json else read_positions(text, first_line)
    return _checked(parsed, name, repairs, positions)


def read_tables(text: str, name: str) -> Reading:
    """Read a page that describes its operation in tables.

    Args:
        text: Of the page.
        name: Of the page.

    Raises:
        DocumentError: If the page cannot be read in one way only, or is not usable.
    """
    return _checked(read_table_page(text, name), name, (), None)


def _checked(parsed: Document, name: str, repairs: tuple[Repair, ...], positions: Positions | None) -> Reading:
    document, normalisations = apply_rules(parsed, positions)
    document = downgrade(document, name)
    documents.validate(document, name, positions)
    unsupported.check_supported(document, name)
    return Reading(with_base_path_in_paths(document), repairs, normalisations)
