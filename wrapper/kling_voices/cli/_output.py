"""How tasks and voices are printed: ids as text, or everything as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import typer

from .._protocol.redaction import redact, redact_url
from ..errors import KlingVoicesError
from ..models import Charge, Voice, VoiceTask
from ._advice import Advice
from ._console import print_json, print_message, print_result

# URLs of the caller, which may be signed. The URLs of voices are results, so they are printed as they are.
_PRIVATE_FIELDS = ("voice_url", "callback_url")


def task_as_json(task: VoiceTask) -> dict[str, Any]:
    """The task as JSON types: times in ISO 8601, amounts as decimal strings, the caller's URLs without signed parts."""
    fields = attrs.asdict(task, recurse=False)
    fields["voices"] = [attrs.asdict(voice, filter=attrs.filters.exclude("raw")) for voice in task.voices]
    fields["charges"] = [_charge_as_json(charge) for charge in task.charges]
    for name in ("created_at", "updated_at"):
        fields[name] = fields[name].isoformat() if fields[name] else None
    public: dict[str, Any] = _without_signed_parts(fields)
    return public


def voice_as_json(voice: Voice) -> dict[str, Any]:
    """The voice as JSON types."""
    return attrs.asdict(voice)


def print_task(task: VoiceTask, *, as_json: bool) -> None:
    """Print the voice id if there is one, else the id to query the task by.

    Raises KlingVoicesError, with the external id of the task, if stdout cannot be written.
    """
    try:
        _print_task(task, as_json=as_json)
    except KlingVoicesError as failure:  # the task was paid for, and its id must not be lost
        failure.outcome, failure.external_task_id = "created", task.external_task_id or task.query_id
        raise


def _print_task(task: VoiceTask, *, as_json: bool) -> None:
    if as_json:
        print_json(task_as_json(task))
    elif voice_id := _voice_id(task):
        name = (task.voice and task.voice.voice_name) or task.voice_name or ""
        print_message(f"the voice {name} is ready")
        print_result(voice_id)
    else:
        reason = f": {redact(task.status_message)}" if task.status_message else ""
        print_message(f"the task is {task.status or 'accepted'}{reason}")
        print_result(task.query_id or "-")


def print_finished_task(task: VoiceTask, *, as_json: bool, advice: Advice) -> None:
    """Print a task that has succeeded. Raises typer.Exit with code 5 if the gateway names no voice."""
    has_voice = _voice_id(task) is not None
    if as_json or has_voice:
        print_task(task, as_json=as_json)
    if not has_voice:
        print_message(f"the task has succeeded, but the gateway names no voice. {advice.query(task.query_id or '')}")
        raise typer.Exit(5)


def print_tasks(tasks: Iterable[VoiceTask], *, as_json: bool) -> None:
    """Print one line per task as it arrives: id, status, voice id."""
    if as_json:
        print_json([task_as_json(task) for task in tasks])
        return
    for task in tasks:
        print_result("\t".join((task.query_id or "-", task.status or "-", _voice_id(task) or "-")))


def print_voices(voices: Iterable[Voice], *, as_json: bool) -> None:
    """Print one line per voice as it arrives: id and name."""
    if as_json:
        print_json([voice_as_json(voice) for voice in voices])
        return
    for voice in voices:
        print_result("\t".join((voice.voice_id or "-", voice.voice_name or "-")))


def _voice_id(task: VoiceTask) -> str | None:
    return task.voice.voice_id if task.voice else None


def _charge_as_json(charge: Charge) -> dict[str, str | None]:
    list_price = None if charge.list_price is None else str(charge.list_price)
    return {"amount": str(charge.amount), "unit": charge.unit, "list_price": list_price}


def _without_signed_parts(node: Any) -> Any:
    """A copy in which the caller's URLs have no signed parts, also in the unmodified response."""
    if isinstance(node, list):
        return [_without_signed_parts(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: redact_url(value) if name in _PRIVATE_FIELDS and isinstance(value, str) else _without_signed_parts(value)
        for name, value in node.items()
    }
