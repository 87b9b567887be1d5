"""The command that checks recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..audio._plot import check_plot, draw
from ..errors import InvalidInputError
from ._app import JsonOption, app
from ._check_output import print_table, report_as_json
from ._console import print_json
from ._errors import INVALID_INPUT, handle_errors
from ._progress import show_progress

if TYPE_CHECKING:
    from ..audio._measure import Measurement

_EXIT_CODES = "Exit codes: 0 no file has a problem, 2 a file has a problem or cannot be read. Warnings do not count."


@app.command(epilog=_EXIT_CODES)
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Recordings.", show_default=False)],
    *,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png", help="Draw the waveforms and the findings into this file. Needs the extra `plot`."
        ),
    ] = None,
    speech: Annotated[
        bool,
        typer.Option(
            "--speech/--no-speech", help="Measure the share of speech. This takes most of the time of a check."
        ),
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Check recordings before you pay for a voice: format, duration, loudness, clipping, silence and speech.

    Sends nothing. Prints a table on a terminal, otherwise one line of tab-separated fields per file.
    """
    with handle_errors(as_json=as_json):
        if plot is not None:
            check_plot(plot, len(files))
        measured = [(file, _measure(file, speech=speech)) for file in files]
        reports = [(file, measurement.report) for file, measurement in measured]
        if plot is not None:
            draw(measured, plot)
        if as_json:
            print_json([report_as_json(file, report) for file, report in reports])
        else:
            print_table(reports)
    if any(report.problems for _, report in reports):
        raise typer.Exit(INVALID_INPUT)


def _measure(file: Path, *, speech: bool) -> Measurement:
    """The measurement of one file. A file that cannot be read is a finding like any other, so the others go on."""
    from ..audio._check import failed, measure  # noqa: PLC0415 - only needed here

    with show_progress(f"Checking {file.name}"):
        try:
            return measure(file, speech=speech)
        except InvalidInputError as error:
            return failed(str(error))
