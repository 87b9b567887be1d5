"""Checks of a manifest before anything is sent, and what a batch would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import typer

from ._batch_progress import show_count
from ._console import print_json, print_message, print_result
from ._errors import INVALID_INPUT

if TYPE_CHECKING:
    from .._bulk.checked_manifest import CheckedManifest
    from .._bulk.forecast import Forecast
    from .._bulk.manifest import Row
    from .._bulk.models import VoiceRequest

Forecasts: TypeAlias = "Callable[[Iterator[VoiceRequest]], Iterator[Forecast]]"


def check_lines(manifest: Path, *, as_json: bool) -> CheckedManifest:
    """Check every line. If some are invalid, name them all, and exit."""
    from .._bulk.checked_manifest import CheckedManifest  # noqa: PLC0415 - other commands do not need it

    checked = CheckedManifest(manifest)
    _exit_with_problems(manifest, checked.problems, as_json=as_json)
    return checked


def check_all_recordings(
    checked: CheckedManifest,
    forecasts: Forecasts,
    prepare_on: str | None,
    *,
    as_json: bool,
) -> None:
    """Check every recording that is to be sent. If some have problems, name them all, and exit."""
    from .._bulk.preflight import check_recordings  # noqa: PLC0415 - needs the extra `audio`

    def recordings() -> Iterator[tuple[int, Path]]:
        lines: dict[int, tuple[int, VoiceRequest]] = {}
        for request, _, action in forecasts(number_lines(checked, lines)):
            line, _ = lines.pop(id(request))
            if action == "send" and request.voice_file is not None:
                yield line, request.voice_file

    with show_count("Checking recordings", checked.files) as on_checked:
        problems = check_recordings(recordings(), prepare_on, on_checked)
    _exit_with_problems(checked.path, problems, as_json=as_json)


def _exit_with_problems(manifest: Path, problems: list[Row], *, as_json: bool) -> None:
    """Name all invalid lines, and exit; return if there are none."""
    if not problems:
        return
    for row in problems:
        print_message(f"{manifest}, line {row.line}: {row.problem}")
    message = f"invalid lines in {manifest}: {len(problems)}; nothing was sent"
    print_message(message)
    if as_json:
        named = [{"line": row.line, "problem": row.problem} for row in problems]
        print_json({"error": {"type": "InvalidInputError", "message": message, "problems": named}})
    raise typer.Exit(INVALID_INPUT)


def number_lines(checked: CheckedManifest, lines: dict[int, tuple[int, VoiceRequest]]) -> Iterator[VoiceRequest]:
    """The requests of a manifest. `lines` gets the line of each, by the identity of the request."""
    for line, request in checked.rows():
        lines[id(request)] = line, request
        yield request


def show_forecast(
    checked: CheckedManifest,
    forecasts: Forecasts,
    *,
    price: Decimal | None,
    as_json: bool,
) -> None:
    from .._bulk.forecast import ACTIONS  # noqa: PLC0415 - other commands do not need it

    counts: Counter[str] = Counter()
    rows = []
    lines: dict[int, tuple[int, VoiceRequest]] = {}
    for request, external_task_id, action in forecasts(number_lines(checked, lines)):
        line, _ = lines.pop(id(request))
        counts[action] += 1
        if as_json:
            fields = {"line": line, "voice_name": request.voice_name, "external_task_id": external_task_id}
            rows.append({**fields, "action": action})
        else:
            print_result(f"{line}\t{action}\t{request.voice_name}")
    cost = None if price is None else price * counts["send"]
    message = ", ".join(f"{counts[action]} {action}" for action in ACTIONS if counts[action])
    print_message(f"nothing was sent; a run would: {message}" + (f"; cost {cost}" if cost is not None else ""))
    if as_json:
        print_json({"counts": counts, "cost": None if cost is None else str(cost), "requests": rows})
