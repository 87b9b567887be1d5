"""Finds names that were probably renamed: pairs of a removed and an added name."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from ..spec.schemas import strip_annotations

_SIMILAR = 0.6  # of two names, by difflib: callback_url and callbackUrl are similar, callback_url and speed are not


def find_renames(before: dict[str, Any], after: dict[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Removed key → added key, where both have the same schema, and the same description or a similar name."""
    found: dict[str, str] = {}
    for old in [key for key in before if key not in after]:
        for new in [key for key in after if key not in before and key not in found.values()]:
            if strip_annotations(before[old]) != strip_annotations(after[new]):
                continue
            words = before[old].get("description"), after[new].get("description")
            ratio = SequenceMatcher(None, names[old].lower(), names[new].lower()).ratio()
            if (words[0] and words[0] == words[1]) or ratio >= _SIMILAR:
                found[old] = new
                break
    return found
