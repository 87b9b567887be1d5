"""Recordings for tests, in any format, duration and level. They are generated, not stored in the repository."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

CODECS = {".wav": "pcm_s16le", ".mp3": "mp3", ".mp4": "aac", ".mov": "aac", ".ogg": "libopus", ".mkv": "aac"}
_FRAME = 65_536  # samples; the encoder divides them into frames of its own size


def tone(seconds: float, rate: int = 16_000, *, level: float = 0.3, frequency: float = 220.0) -> npt.NDArray[Any]:
    """A sine; full scale is 1."""
    times = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * frequency * times)).astype(np.float32)


def write(
    path: Path,
    samples: npt.NDArray[Any] | None = None,
    *,
    rate: int = 16_000,
    channels: int = 1,
    codec: str | None = None,
    container: str | None = None,
    options: dict[str, str] | None = None,
    video_frames: int = 0,
    audio_streams: int = 1,
) -> Path:
    """Encode samples, 6 seconds of a tone by default; every channel gets the same samples."""
    samples = tone(6, rate) if samples is None else samples
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    with av.open(str(path), "w", format=container, options=options or {}) as output:
        video: Any = output.add_stream("mpeg4", rate=10) if video_frames else None
        if video:
            video.width = video.height = 64
            video.pix_fmt = "yuv420p"
        streams: list[Any] = [
            output.add_stream(codec or CODECS[path.suffix], rate=rate, layout=layout) for _ in range(audio_streams)
        ]
        for start in range(0, len(samples), _FRAME):
            block = np.tile(samples[start : start + _FRAME], (channels, 1)).astype(np.float32)
            for stream in streams:
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
                frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
                output.mux(stream.encode(frame))
        for number in range(video_frames):
            picture = np.full((64, 64, 3), number % 255, dtype=np.uint8)
            output.mux(video.encode(av.VideoFrame.from_ndarray(picture)))
        for stream in [*streams, *([video] if video else [])]:
            output.mux(stream.encode(None))
    return path
