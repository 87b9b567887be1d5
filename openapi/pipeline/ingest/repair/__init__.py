"""Repair of YAML that is invalid only because scalars are not quoted."""

from __future__ import annotations

from .repairing import Repair, Repaired, repair

__all__ = ["Repair", "Repaired", "repair"]
