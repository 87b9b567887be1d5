"""Loudness, true peak, clipping and silence of a stream of samples, in constant memory."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import av.error
import av.filter
import numpy as np
import numpy.typing as npt
from av import AudioFrame

Samples: TypeAlias = npt.NDArray[np.float32]  # interleaved, full scale is 1

FULL_SCALE = np.float32(32767 / 32768)  # the largest sample of 16 bits
SILENCE_DBFS = -50.0
BLOCK_SECONDS = 0.05
_GATE = -70.0  # LUFS; EBU R128 ignores lower levels; FFmpeg reports this number if there are no higher ones


class LoudnessMeter:
    """Integrated loudness and true peak, by FFmpeg's filter ebur128."""

    def __init__(self, sample_rate: int, layout: str) -> None:
        self._metadata: dict[str, str] = {}
        graph = av.filter.Graph()
        source = graph.add(
            "abuffer",
            sample_rate=str(sample_rate),
            sample_fmt="flt",
            channel_layout=layout,
            time_base=f"1/{sample_rate}",
        )
        meter = graph.add("ebur128", "peak=true:metadata=1:framelog=quiet")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        self._graph = graph  # its filters do not keep it alive
        self._source, self._sink, self._samples = source, sink, 0

    def add(self, frame: AudioFrame) -> None:
        """Measure a frame of interleaved 32-bit floats."""
        frame.pts = self._samples
        self._samples += frame.samples
        self._source.push(frame)
        self._pull()

    def finish(self) -> tuple[float | None, float | None]:
        """LUFS and dBTP."""
        self._source.push(None)
        self._pull()
        loudness = float(self._metadata.get("lavfi.r128.I", _GATE))
        peak = float(self._metadata.get("lavfi.r128.true_peak", 0))
        return (
            round(loudness, 2) if loudness > _GATE else None,
            round(20 * math.log10(peak), 2) if peak > 0 else None,
        )

    def _pull(self) -> None:
        while True:
            try:
                measured: Any = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            self._metadata = measured.metadata or self._metadata


class ClippingMeter:
    """The share of samples at full scale."""

    def __init__(self) -> None:
        self._clipped = self._total = 0

    def add(self, samples: Samples) -> None:
        """Measure some samples."""
        self._clipped += int(np.count_nonzero(np.abs(samples) >= FULL_SCALE))
        self._total += samples.size

    def finish(self) -> float:
        """The share, 0 to 1."""
        return self._clipped / self._total if self._total else 0.0


class BlockMeter:
    """The level of each block of 50 ms: for the share of silence, and to draw the waveform."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._size = max(1, round(sample_rate * BLOCK_SECONDS)) * channels
        self._rest = np.empty(0, np.float32)
        self.levels: list[float] = []  # root mean square
        self.peaks: list[float] = []

    def add(self, samples: Samples) -> None:
        """Measure some samples."""
        joined = np.concatenate((self._rest, samples))
        whole = len(joined) // self._size * self._size
        self._measure(joined[:whole].reshape(-1, self._size))
        self._rest = joined[whole:]

    def finish(self) -> float:
        """The share of silent blocks, 0 to 1."""
        if self._rest.size:
            self._measure(self._rest.reshape(1, -1))
            self._rest = self._rest[:0]
        threshold = 10 ** (SILENCE_DBFS / 20)
        return sum(level < threshold for level in self.levels) / len(self.levels) if self.levels else 1.0

    def _measure(self, blocks: Samples) -> None:
        self.levels += np.sqrt(np.mean(np.square(blocks, dtype=np.float64), axis=1)).tolist()
        self.peaks += np.max(np.abs(blocks), axis=1, initial=0).tolist()
