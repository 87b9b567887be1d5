"""How tasks look to a person and to a program, and the line that shows that something goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import typer

from .._protocol.operations import OperationInfo
from .._protocol.redaction import redact, redact_url
from ..models import Voice, VoiceTask
from ._ending import print_json, say

_PRIVATE = ("voice_url", "callback_url")  # may be signed; the caller has them anyway


def task_as_json(task: VoiceTask) -> dict[str, Any]:
    """The task as JSON types; times in ISO 8601, and what the caller's URLs were signed with left out."""
    fields = attrs.asdict(task, filter=lambda attribute, _: attribute.name != "raw", recurse=False)
    fields["voices"] = [voice_as_json(voice) for voice in task.voices]
    for name in ("created_at", "updated_at"):
        fields[name] = fields[name].isoformat() if fields[name] else None
    for name in _PRIVATE:
        fields[name] = redact_url(fields[name]) if fields[name] else None
    return fields


def voice_as_json(voice: Voice) -> dict[str, Any]:
    """The voice as JSON types."""
    return attrs.asdict(voice, filter=lambda attribute, _: attribute.name != "raw")


def show_task(task: VoiceTask, *, as_json: bool, wants_voice: bool = False) -> None:
    """On stdout: the voice id once there is one, else the id to ask again by; the rest is for stderr.

    Raises typer.Exit with 5 where a voice was waited for and the gateway names none.
    """
    if as_json:
        print_json(task_as_json(task))
    has_voice = task.voice is not None and bool(task.voice.voice_id)
    if wants_voice and not has_voice:
        say(f"the task has succeeded, but the gateway names no voice; ask again with: get {task.query_id}")
        raise typer.Exit(5)
    if as_json:
        return
    if task.voice is not None and task.voice.voice_id:
        say(f"the voice {task.voice.voice_name or ''} is ready")
        print(task.voice.voice_id)
        return
    reason = f": {redact(task.status_message)}" if task.status_message else ""
    say(f"the task is {task.status or 'accepted'}{reason}")
    print(task.query_id)


def show_tasks(tasks: Iterable[VoiceTask], *, as_json: bool) -> None:
    """A line for each task as it comes in: id, status, voice id."""
    if as_json:
        print_json([task_as_json(task) for task in tasks])
        return
    for task in tasks:
        print(task.query_id, task.status or "-", (task.voice and task.voice.voice_id) or "-", sep="\t")


def show_voices(voices: Iterable[Voice], *, as_json: bool) -> None:
    """A line for each voice as it comes in: id and name."""
    if as_json:
        print_json([voice_as_json(voice) for voice in voices])
        return
    for voice in voices:
        print(voice.voice_id, voice.voice_name or "-", sep="\t")


def show_operations(operations: Iterable[OperationInfo], *, as_json: bool) -> None:
    """A line for each operation: name, method, path, and its arguments, those in brackets that may be left out."""
    if as_json:
        print_json([operation._asdict() for operation in operations])
        return
    for name, method, path, _, arguments in operations:
        takes = (argument if required else f"[{argument}]" for argument, required in arguments.items())
        print(name, method, path, " ".join(takes), sep="\t")


@contextmanager
def progress(doing: str) -> Iterator[Callable[[VoiceTask], None]]:
    """A line that moves while a terminal looks on, and nothing where stderr goes elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import, and only a terminal needs it
    from rich.text import Text  # noqa: PLC0415

    with Console(stderr=True).status(Text(f"{doing} …")) as status:
        yield lambda task: status.update(Text(f"{doing}: {task.status or 'accepted'} …"))
