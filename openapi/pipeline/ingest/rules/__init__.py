"""Rules that read what gateways publish as plain OpenAPI 3.0. Each use of a rule is listed."""

from __future__ import annotations

from .applying import apply_rules
from .listing import Normalisation

__all__ = ["Normalisation", "apply_rules"]
