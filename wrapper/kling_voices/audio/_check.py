"""Checking one file."""

from __future__ import annotations

import os
from types import ModuleType
from typing import TYPE_CHECKING

from .._files import MAX_BYTES, local_path, open_recording
from ..errors import InvalidInputError
from ._report import AudioReport

if TYPE_CHECKING:
    from ._measure import Measurement


def check(path: str | os.PathLike[str], *, speech: bool = True) -> AudioReport:
    """Check a recording, without sending anything.

    The format is detected from the content, not from the extension. At most 30 seconds of audio are decoded, in
    constant memory; a check takes at most 20 seconds. Files of more than 200 MiB are not read.

    Args:
        path: An .mp3, .wav, .mp4 or .mov file (S).
        speech: Whether to run the voice-activity detector. It takes most of the time of a check.

    Returns:
        A report. A file that is damaged, empty, encrypted, too long or not audio has an entry in `problems`.

    Raises:
        InvalidInputError: There is no such file, it is a directory, FIFO or device, or it cannot be opened; or the
            extra `audio` is not installed.
    """
    return measure(path, speech=speech).report


def measure(path: str | os.PathLike[str], *, speech: bool = True) -> Measurement:
    """The report of `check`, with what a plot needs.

    Raises:
        InvalidInputError: As for `check`.
    """
    module = _import_measure()
    recording = local_path(path)
    with open_recording(recording) as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            return failed("it is empty; record it again")
        if size > MAX_BYTES:
            limit = MAX_BYTES // 2**20
            return failed(f"it has {size / 2**20:.0f} MiB, more than {limit}; extract the audio")
        measurement: Measurement = module.measure(file, recording, speech=speech)
        return measurement


def failed(problem: str) -> Measurement:
    """The measurement of a file that was not decoded."""
    measurement: Measurement = _import_measure().Measurement(AudioReport(problems=(problem,)))
    return measurement


def _import_measure() -> ModuleType:
    try:
        from . import _measure  # noqa: PLC0415 - the extra may be missing
    except ImportError:
        raise InvalidInputError(
            "checking a recording needs the extra `audio`: pip install 'kling-voices[audio]'"
        ) from None
    return _measure
