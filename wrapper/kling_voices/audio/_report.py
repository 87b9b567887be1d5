"""The result of a check."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class AudioReport:
    """The result of a check of one file.

    The numbers are None if nothing could be decoded. Only the first 30 seconds of a file are decoded, and all numbers
    except `duration` describe this part.

    Attributes:
        duration: Seconds of audio. For a longer file, the duration that the container states, or the decoded part if it
            states none.
        codec: FFmpeg's name of the codec, such as `"mp3"`, `"aac"` or `"pcm_s16le"`.
        sample_rate: Hz.
        channels: Number of channels.
        loudness: Integrated loudness in LUFS (EBU R128); None if no part is louder than -70 LUFS.
        true_peak: In dBTP (EBU R128), in steps of FFmpeg's measurement; None for digital silence.
        clipped: Share of the samples at full scale or beyond, 0 to 1.
        silence: Share of the time below -50 dBFS, 0 to 1, in blocks of 50 ms.
        speech: Share of the time that a voice-activity detector classifies as speech, 0 to 1; None if it is not
            installed or was switched off.
        problems: Violations of the gateway's rules: 5 to 30 seconds (S), an audio stream, one of the formats MP3, WAV,
            MP4 and MOV (S), a name that ends in one of these (S), a file that can be decoded completely. One clause
            each.
        warnings: Possible quality problems, which the gateway's rules do not mention, such as a very quiet, clipped or
            mostly silent recording. One clause each.
    """

    duration: float | None = None
    codec: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    loudness: float | None = None
    true_peak: float | None = None
    clipped: float | None = None
    silence: float | None = None
    speech: float | None = None
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no problem. Warnings do not count."""
        return not self.problems
