"""Decoding the audio of a file with FFmpeg, frame by frame, up to 30 seconds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import av
import av.error
from attrs import define
from av import AudioCodecContext, AudioFrame, AudioStream
from av.container import InputContainer

from ._reader import MAX_SECONDS, DeadlineExceeded, DeadlineReader

DECODED_SECONDS = 30.1  # no more is needed to know that a file is too long
FORMATS = {"mp3": "MP3", "wav": "WAV", "mov,mp4,m4a,3gp,3g2,mj2": "MP4"}  # FFmpeg's names; MOV and MP4 are one format

# Formats that are recognized, if only to name them. Those that refer to other files or to addresses are left out.
_RECOGNIZED = "mp3,wav,mov,aac,ac3,aiff,amr,asf,avi,caf,flac,flv,matroska,mpeg,mpegts,ogg,w64"
_SAMPLE_RATES = range(4_000, 384_001)  # Hz; anything else is a damaged header and would need absurd amounts of memory
_MAX_CHANNELS = 16
_DAMAGED = "export the recording again"


class Undecodable(Exception):
    """There is no audio that could be measured. The message is the problem."""


@define
class Decoded:
    """What is known of the file after decoding."""

    container: str = ""
    declared: float | None = None
    codec: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    audio_streams: int = 0
    seconds: float = 0.0
    is_complete: bool = True  # False if decoding stopped early because the file is too long
    packets: int = 0
    bad_packets: int = 0


def decode(file: BinaryIO, decoded: Decoded, on_frame: Callable[[AudioFrame], object]) -> None:
    """Decode the best audio stream. Facts are stored in `decoded` as soon as they are known.

    Raises:
        Undecodable: There is nothing to decode, or it takes too long.
    """
    reader = DeadlineReader(file)
    try:
        with _open(reader) as container:
            stream = _audio_stream(container, decoded)
            _decode_stream(container, stream, decoded, on_frame, reader)
    except DeadlineExceeded:
        raise Undecodable(f"it could not be decoded within {MAX_SECONDS:.0f} seconds; {_DAMAGED}") from None
    except (av.error.FFmpegError, OSError, ValueError, EOFError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Undecodable(f"it is damaged, or not a recording ({reason}); {_DAMAGED}") from None
    if not decoded.seconds:
        raise Undecodable(f"no audio can be decoded from it; {_DAMAGED}")


def is_truncated_wav(file: BinaryIO) -> bool:
    """Whether the header of a WAV file announces more bytes than the file has. FFmpeg ignores that.

    Programs that write to a pipe do not know the size and write 0 or the largest number instead.
    """
    file.seek(0)
    header = file.read(12)
    announced = int.from_bytes(header[4:8], "little")
    is_known = header[:4] == b"RIFF" and announced not in {0, 2**32 - 1}
    return is_known and announced + 8 > file.seek(0, os.SEEK_END) + 1  # an odd size may lack its padding byte


def has_frame_count(file: BinaryIO) -> bool:
    """Whether an MP3 file states its number of frames, in a Xing or Info tag; else its duration is only estimated."""
    file.seek(0)
    start = file.read(2**20)  # a cover picture may come first
    return b"Xing" in start or b"Info" in start


def extension_of(path: Path) -> str:
    """The extension in lower case, without the dot."""
    return path.suffix[1:].lower()


def _open(reader: DeadlineReader) -> InputContainer:
    return av.open(reader, "r", container_options={"format_whitelist": _RECOGNIZED, "protocol_whitelist": "none"})


def _audio_stream(container: InputContainer, decoded: Decoded) -> AudioStream:
    decoded.container = container.format.name
    decoded.audio_streams = len(container.streams.audio)
    if not container.streams.audio:
        kind = "it is a video without sound" if container.streams.video else "it has no audio stream"
        raise Undecodable(f"{kind}; pass a recording of a voice")
    stream = container.streams.best("audio") or container.streams.audio[0]
    assert isinstance(stream, AudioStream)  # noqa: S101 - for the type checker
    context: AudioCodecContext | None = stream.codec_context  # PyAV's types do not know that it can be missing
    if context is None:
        raise Undecodable(f"its codec is unknown; {_DAMAGED}")
    decoded.codec = context.name.removesuffix("float")  # FFmpeg's decoders of MP3 are called mp3 and mp3float
    decoded.sample_rate, decoded.channels = context.sample_rate, context.layout.nb_channels
    declared = stream.duration and stream.time_base and float(stream.duration * stream.time_base)
    decoded.declared = declared or (container.duration and container.duration / av.time_base) or None
    if decoded.sample_rate not in _SAMPLE_RATES or not 1 <= decoded.channels <= _MAX_CHANNELS:
        raise Undecodable(f"its header is damaged ({decoded.sample_rate} Hz, {decoded.channels} channels); {_DAMAGED}")
    return stream


def _decode_stream(
    container: InputContainer,
    stream: AudioStream,
    decoded: Decoded,
    on_frame: Callable[[AudioFrame], object],
    reader: DeadlineReader,
) -> None:
    for packet in container.demux(stream):
        reader.require_time()
        decoded.packets += 1
        if packet.has_sidedata("encryption_info"):
            raise Undecodable("it is encrypted; export it without encryption")
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            decoded.bad_packets += 1
            continue
        for frame in frames:
            decoded.seconds += frame.samples / frame.sample_rate
            on_frame(frame)
        if decoded.seconds > DECODED_SECONDS:
            decoded.is_complete = False
            return
