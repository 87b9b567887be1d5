"""Folders of the repository, and the compiled contract that is installed with the generated package."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = ROOT / "openapi"
GENERATED = ROOT / "generated"

COMPILED: dict[str, Any] = json.loads(files("kling_gateway").joinpath("contract.json").read_text(encoding="utf-8"))
CREATE_PATH: str = next(
    path for path, item in COMPILED["paths"].items() if item.get("post", {}).get("operationId") == "create_custom_voice"
)
