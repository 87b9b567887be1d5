"""Problems (broken rules of the gateway) and warnings (quality advice), as pure functions of measurements."""

from __future__ import annotations

from collections.abc import Iterator

from .._flows.validation import AUDIO_EXTENSIONS
from ._decode import FORMATS, Decoded
from ._report import AudioReport

MIN_SECONDS, MAX_SECONDS = 5.0, 30.0  # (S)
PADDING_SECONDS = 0.1  # an encoder may append part of a frame

_MISSING_SHARE = 0.02  # of the declared duration
_EXTENSIONS_OF = {"MP3": ("mp3",), "WAV": ("wav",), "MP4": ("mp4", "mov")}

_QUIET_LUFS, _LOUD_LUFS = -35.0, -8.0
_CLIPPED_SHARE = 0.001
_SILENT_SHARE = 0.5
_SPEECH_SHARE = 0.5
_LOW_SAMPLE_RATE = 16_000
_MAX_CHANNELS = 2


def problems(decoded: Decoded, extension: str, *, is_duration_known: bool, is_cut_short: bool) -> Iterator[str]:
    """The stated rules that a decoded file breaks.

    Args:
        decoded: The facts.
        extension: Of the file's name.
        is_duration_known: Whether `decoded.declared` comes from the header and is not estimated.
        is_cut_short: Whether the header announces more bytes than the file has.
    """
    yield from _format_problems(decoded, extension)
    seconds = duration_of(decoded)
    if is_cut_short or (is_duration_known and _missing_seconds(decoded)):
        yield f"it is truncated: only {decoded.seconds:.2f} seconds can be decoded; copy or export it again"
    elif seconds < MIN_SECONDS:
        yield f"it lasts {seconds:.2f} seconds; record {MIN_SECONDS:.0f} to {MAX_SECONDS:.0f} seconds"
    elif seconds > MAX_SECONDS + PADDING_SECONDS:
        bound = "" if decoded.is_complete or decoded.declared else "more than "
        yield f"it lasts {bound}{seconds:.2f} seconds; cut it to {MIN_SECONDS:.0f} to {MAX_SECONDS:.0f} seconds"
    elif decoded.bad_packets > 1:
        yield f"{decoded.bad_packets} of its {decoded.packets} packets are damaged; export the recording again"


def _format_problems(decoded: Decoded, extension: str) -> Iterator[str]:
    """Format and name."""
    supported = ", ".join(f".{name}" for name in AUDIO_EXTENSIONS)
    if decoded.container and decoded.container not in FORMATS:
        name = decoded.container.partition(",")[0]
        yield f"its format is {name}, which gateways do not accept; convert it to one of {supported}"
    elif extension not in AUDIO_EXTENSIONS:
        ending = f"ends in .{extension}" if extension else "has no extension"
        yield f"its name {ending}; a gateway accepts {supported}"


def warnings(report: AudioReport, decoded: Decoded, extension: str) -> Iterator[str]:
    """What is likely to give a bad voice."""
    name = FORMATS.get(decoded.container)
    if name and extension in AUDIO_EXTENSIONS and extension not in _EXTENSIONS_OF[name]:
        yield f"its format is {name}, but its name ends in .{extension}; rename it to .{_EXTENSIONS_OF[name][0]}"
    if decoded.audio_streams > 1:
        yield f"it has {decoded.audio_streams} audio streams; only one of them is used"
    if decoded.channels and decoded.channels > _MAX_CHANNELS:
        yield f"it has {decoded.channels} channels; mix it to mono"
    if decoded.sample_rate and decoded.sample_rate < _LOW_SAMPLE_RATE:
        yield f"its sample rate is {decoded.sample_rate} Hz; {_LOW_SAMPLE_RATE} Hz or more sound better"
    yield from _level_warnings(report)


def duration_of(decoded: Decoded) -> float:
    """Seconds: what was decoded, or what the container states if decoding stopped early."""
    if decoded.is_complete:
        return decoded.seconds
    return max(decoded.seconds, decoded.declared or 0.0)


def _level_warnings(report: AudioReport) -> Iterator[str]:
    if report.loudness is None:
        yield "it is silent"
        return
    if report.loudness < _QUIET_LUFS:
        yield f"it is very quiet ({report.loudness:.1f} LUFS); amplify it to about -20 LUFS"
    if report.loudness > _LOUD_LUFS:
        yield f"it is very loud ({report.loudness:.1f} LUFS); record it at a lower level, about -20 LUFS"
    if report.clipped is not None and report.clipped > _CLIPPED_SHARE:
        yield f"{report.clipped:.1%} of its samples are clipped; record it at a lower level"
    if report.silence is not None and report.silence > _SILENT_SHARE:
        yield f"{report.silence:.0%} of it is silence; cut the pauses"
    if report.speech is not None and report.speech < _SPEECH_SHARE:
        yield f"only {report.speech:.0%} of it sounds like speech; use a recording of one clear voice without music"


def _missing_seconds(decoded: Decoded) -> float:
    """How much less could be decoded than the header announces; 0 if it is within tolerance."""
    if not decoded.is_complete or decoded.declared is None:
        return 0.0
    missing = decoded.declared - decoded.seconds
    return missing if missing > max(PADDING_SECONDS, _MISSING_SHARE * decoded.declared) else 0.0
