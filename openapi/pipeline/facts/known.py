"""The known operations: those of `companions.yaml`, and facts of the contract overlay about operations with a page.

They are kept in one form, JSON bodies and the status 200, so that a page can move an operation to another path, media
type or status without losing what is known of it.
"""

from __future__ import annotations

from typing import Any

from ..spec.documents import Document, DocumentError
from ..spec.operations import operations
from ..spec.overlay import apply
from ..spec.walk import copy_json
from .wrapper import SENDS

JSON, SUCCESS = "application/json", "200"
OPERATION = "x-kling-operation"  # the operationId that an action of the contract overlay is about


def known_operations(named: Document, companions: Document, overlay: Document, name: str) -> Document:
    """The companions, and a stub of every other operation of the contract overlay, with the overlay applied.

    An action about an operation that no document describes is left out; the report says that the operation is missing.
    Raises DocumentError where any other action matches nothing.
    """
    known = copy_json(companions)
    described = {operation["operationId"] for _, _, operation in operations(named)}
    ours = {operation["operationId"] for _, _, operation in operations(companions)}
    for action in overlay.get("actions", ()):
        if action.get(OPERATION, "create_custom_voice") not in {*described, *ours, *SENDS}:
            raise DocumentError(
                f"{name}: {OPERATION} {action[OPERATION]!r} is no operation; check whether it was renamed"
            )
    subjects = {action.get(OPERATION) for action in overlay.get("actions", ())}
    for path, method, operation in operations(named):
        if operation["operationId"] in subjects - ours:
            known["paths"].setdefault(path, {})[method] = _outline(operation)
    known["servers"] = copy_json(named["servers"])
    about = [action for action in overlay.get("actions", ()) if action.get(OPERATION, "") in {"", *described, *ours}]
    return apply(known, {**overlay, "actions": about}, name)


def by_id(document: Document) -> dict[str, dict[str, Any]]:
    """The operations of a document by their operationId."""
    return {operation["operationId"]: operation for _, _, operation in operations(document)}


def _outline(operation: dict[str, Any]) -> dict[str, Any]:
    outline = {"operationId": operation["operationId"], "responses": {SUCCESS: {"description": ""}}}
    if "requestBody" in operation:
        outline["requestBody"] = {"content": {JSON: {"schema": {}}}}
    return outline
