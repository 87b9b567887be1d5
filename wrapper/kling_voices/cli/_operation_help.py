"""The description of an operation as help text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._protocol.field_descriptions import FieldInfo
    from .._protocol.operation_info import OperationInfo


def write_operation(formatter: Any, operation: OperationInfo) -> None:
    """Write an operation with the arguments and the fields of the body, using the formatter of a typer context."""
    with formatter.section(operation.name):
        formatter.write_text(f"{operation.method} {operation.path}")
        if operation.summary:
            formatter.write_text(operation.summary)
        if operation.creates_task:
            formatter.write_text(f"Creates a task, and is charged. {operation.query} queries it; --wait waits for it.")
    _write_fields(formatter, "Arguments, for --argument NAME=VALUE", operation.parameters)
    presence = "required" if operation.arguments.get("body") else "optional"
    rule = f"; {operation.body_rule}" if operation.body_rule else ""
    _write_fields(formatter, f"Fields of the body, for --body ({presence}{rule})", operation.body)
    if "body" in operation.arguments and not operation.body:
        with formatter.section("Body"):
            formatter.write_text("Its fields are not described. Pass a file as --body @FILE.")


def _write_fields(formatter: Any, title: str, fields: tuple[FieldInfo, ...]) -> None:
    if fields:
        with formatter.section(title):
            formatter.write_dl([_row(field) for field in fields])


def _row(field: FieldInfo) -> tuple[str, str]:
    facts = [field.type, "required" if field.required else "optional", field.bounds]
    text = ", ".join(fact for fact in facts if fact)
    return field.name, f"{text}. {field.description}" if field.description else text
