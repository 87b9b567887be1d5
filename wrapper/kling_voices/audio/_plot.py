"""A plot of the waveform of each file, with its findings."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ._measure import Measurement

_FORMATS = (".png", ".svg", ".pdf")
_MAX_PANELS = 50


def check_plot(target: Path, count: int) -> None:
    """Check what can be checked before the files are measured.

    Raises:
        InvalidInputError: The extra `plot` is not installed, there are too many files, or the format is unknown.
    """
    if target.suffix.lower() not in _FORMATS:
        raise InvalidInputError(f"the plot {target} must end in one of {', '.join(_FORMATS)}")
    if count > _MAX_PANELS:
        raise InvalidInputError(f"a plot can show {_MAX_PANELS} files, not {count}; plot fewer files")
    try:
        import matplotlib.figure  # noqa: F401, PLC0415 - the extra may be missing
    except ImportError:
        raise InvalidInputError("a plot needs the extra `plot`: pip install 'kling-voices[plot]'") from None


def draw(measured: Sequence[tuple[Path, Measurement]], target: Path) -> None:
    """Draw one panel per file.

    Raises:
        InvalidInputError: The file cannot be written.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    figure = Figure(figsize=(9, 2.6 * len(measured)), layout="constrained")  # without pyplot: no window, no state
    for axes, (file, measurement) in zip(figure.subplots(len(measured), squeeze=False)[:, 0], measured, strict=True):
        _draw_one(axes, file, measurement)
    try:
        figure.savefig(target)
    except OSError as error:
        raise InvalidInputError(f"the plot {target} cannot be written: {error.strerror or error}") from None


def _draw_one(axes: Axes, file: Path, measurement: Measurement) -> None:
    report, step = measurement.report, measurement.block_seconds
    times = [number * step for number in range(len(measurement.peaks))]
    below, above = [-peak for peak in measurement.peaks], list(measurement.peaks)
    axes.fill_between(times, below, above, color="tab:blue", alpha=0.4, step="post", label="peak")
    levels = list(measurement.levels)
    axes.fill_between(times, [-level for level in levels], levels, color="tab:blue", step="post", label="level (RMS)")
    for bound in (-1, 1):
        axes.axhline(bound, color="tab:red", linewidth=0.8, linestyle="--")
    axes.set(xlabel="seconds", ylabel="amplitude", ylim=(-1.1, 1.1), xlim=(0, max(5.0, len(times) * step)))
    numbers = [
        f"{report.loudness:.1f} LUFS" if report.loudness is not None else "",
        f"{report.true_peak:.1f} dBTP" if report.true_peak is not None else "",
        f"{report.clipped:.2%} clipped" if report.clipped is not None else "",
        f"{report.silence:.0%} silence" if report.silence is not None else "",
        f"{report.speech:.0%} speech" if report.speech is not None else "",
    ]
    findings = [*report.problems, *(f"warning: {warning}" for warning in report.warnings)]
    title = [": ".join(filter(None, (file.name, ", ".join(filter(None, numbers))))), *findings]
    color = "tab:red" if report.problems else "tab:orange" if report.warnings else "tab:green"
    text = "\n".join(line for one in title for line in textwrap.wrap(one, 110))
    axes.set_title(text.replace("$", r"\$"), fontsize=9, loc="left", color=color)
    if times:
        axes.legend(loc="upper right", fontsize=7)
