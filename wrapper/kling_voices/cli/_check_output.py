"""How reports of recordings are printed: a table for a terminal, tab-separated fields, or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ._console import is_terminal, print_result

if TYPE_CHECKING:
    from ..audio import AudioReport

Reports = Sequence[tuple[Path, "AudioReport"]]

_NONE = "-"
_COLUMNS: dict[str, Callable[[AudioReport], str]] = {
    "": lambda report: "fail" if report.problems else "ok",
    "s": lambda report: _number(report.duration, ".2f"),
    "codec": lambda report: report.codec or _NONE,
    "Hz": lambda report: _number(report.sample_rate, "d"),
    "ch": lambda report: _number(report.channels, "d"),
    "LUFS": lambda report: _number(report.loudness, ".1f"),
    "dBTP": lambda report: _number(report.true_peak, ".1f"),
    "clipped": lambda report: _number(report.clipped, ".2%"),
    "silence": lambda report: _number(report.silence, ".0%"),
    "speech": lambda report: _number(report.speech, ".0%"),
}


def report_as_json(file: Path, report: AudioReport) -> dict[str, Any]:
    """A report as JSON types."""
    return {"file": str(file), "ok": report.ok, **attrs.asdict(report)}


def print_table(reports: Reports) -> None:
    """Print the reports on stdout."""
    if is_terminal():
        _print_for_terminal(reports)
        return
    for file, report in reports:
        fields = [str(file), *(column(report) for column in _COLUMNS.values()), "; ".join(_findings(report))]
        print_result("\t".join(" ".join(field.split()) for field in fields))


def _print_for_terminal(reports: Reports) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and only a terminal needs it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table("file", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in _COLUMNS:
        table.add_column(name, no_wrap=True)
    for file, report in reports:
        style = "red" if report.problems else "yellow" if report.warnings else "green"
        cells = [column(report) for column in _COLUMNS.values()]
        table.add_row(Text(file.name, overflow="fold"), Text(cells[0], style), *map(Text, cells[1:]))
    console = Console()
    console.print(table)
    for file, report in reports:
        for finding in _findings(report):
            console.print(Text(f"{file}: {finding}", "red" if finding in report.problems else "yellow"))


def _findings(report: AudioReport) -> Iterator[str]:
    yield from report.problems
    yield from (f"warning: {warning}" for warning in report.warnings)


def _number(value: float | None, form: str) -> str:
    return _NONE if value is None else format(value, form)
