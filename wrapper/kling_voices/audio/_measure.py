"""One pass over a file: each decoded frame goes to all meters."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from attrs import evolve, frozen
from av import AudioFrame, AudioResampler

from ._decode import Decoded, Undecodable, decode, extension_of, has_frame_count, is_truncated_wav
from ._judgement import duration_of, problems, warnings
from ._levels import BLOCK_SECONDS, BlockMeter, ClippingMeter, LoudnessMeter
from ._report import AudioReport
from ._speech import SpeechMeter, speech_meter


@frozen
class Measurement:
    """A report, and the level of each block of `block_seconds`."""

    report: AudioReport
    levels: tuple[float, ...] = ()
    peaks: tuple[float, ...] = ()
    block_seconds: float = BLOCK_SECONDS


class _Meters:
    """All meters of one stream. They are created with the first frame, because it alone has the true format."""

    def __init__(self, speech: SpeechMeter | None) -> None:
        self._speech = speech
        self._resampler: AudioResampler | None = None

    def add(self, frame: AudioFrame) -> None:
        if self._resampler is None:
            self._start(frame)
        assert self._resampler is not None  # noqa: S101 - for the type checker
        frame.pts = None  # a damaged time stamp must not become a gap
        for plain in self._resampler.resample(frame):
            samples = plain.to_ndarray()[0]
            self.clipping.add(samples)
            self.blocks.add(samples)
            self.loudness.add(plain)
        if self._speech is not None:
            self._speech.add(frame)

    def _start(self, frame: AudioFrame) -> None:
        channels = min(frame.layout.nb_channels, 2)
        layout = "mono" if channels == 1 else "stereo"  # the filter needs a known layout
        self._resampler = AudioResampler(format="flt", layout=layout, rate=frame.sample_rate)
        self.clipping = ClippingMeter()
        self.blocks = BlockMeter(frame.sample_rate, channels)
        self.loudness = LoudnessMeter(frame.sample_rate, layout)

    def finish_speech(self) -> float | None:
        return None if self._speech is None else self._speech.finish()


def measure(file: BinaryIO, path: Path, *, speech: bool) -> Measurement:
    """Decode and measure an open file."""
    decoded = Decoded()
    meters = _Meters(speech_meter() if speech else None)
    extension = extension_of(path)
    try:
        decode(file, decoded, meters.add)
    except Undecodable as error:
        found = AudioReport(codec=decoded.codec, sample_rate=decoded.sample_rate, channels=decoded.channels)
        return Measurement(evolve(found, problems=(str(error),)))
    loudness, true_peak = meters.loudness.finish()
    report = AudioReport(
        duration=round(duration_of(decoded), 3),
        codec=decoded.codec,
        sample_rate=decoded.sample_rate,
        channels=decoded.channels,
        loudness=loudness,
        true_peak=true_peak,
        clipped=meters.clipping.finish(),
        silence=meters.blocks.finish(),
        speech=meters.finish_speech(),
    )
    is_known = decoded.container != "mp3" or has_frame_count(file)
    broken = problems(decoded, extension, is_duration_known=is_known, is_cut_short=is_truncated_wav(file))
    report = evolve(report, problems=tuple(broken), warnings=tuple(warnings(report, decoded, extension)))
    return Measurement(report, tuple(meters.blocks.levels), tuple(meters.blocks.peaks))
