"""Checking a recording before you pay for a voice: format, duration, levels and speech.

    from kling_voices import audio

    report = audio.check("ada.wav")
    print(report.duration, report.loudness, report.problems)

It needs the extra `audio`: `pip install 'kling-voices[audio]'`.
"""

from __future__ import annotations

from ._check import check
from ._report import AudioReport

__all__ = ["AudioReport", "check"]
