"""Rules that correct published pages to valid OpenAPI 3.0. The report lists each correction."""

from __future__ import annotations

from .applying import apply_rules
from .listing import Normalisation

__all__ = ["Normalisation", "apply_rules"]
