"""Repair of YAML that is broken only by plain scalars that should have been quoted."""

from __future__ import annotations

from .repairing import Repair, Repaired, repair

__all__ = ["Repair", "Repaired", "repair"]
