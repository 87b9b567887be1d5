"""`kling_voices.audio.check` on anything but a complete recording: one clear problem, quickly, and never a crash."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from kling_voices import InvalidInputError, audio
from kling_voices.audio import _reader

from tests.support.recordings import tone, write

KEY = "00112233445566778899aabbccddeeff"
ENCRYPTED = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": KEY, "encryption_kid": KEY}


def _only_problem(path: Path) -> str:
    (problem,) = audio.check(path, speech=False).problems
    return problem


def _refuse(*_: object) -> int:
    raise PermissionError(13, "Permission denied")


def _cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def test_empty(tmp_path: Path) -> None:
    """A file without content."""
    (tmp_path / "ada.mp3").touch()
    assert _only_problem(tmp_path / "ada.mp3") == "it is empty; record it again"


@pytest.mark.parametrize(
    "content",
    [
        b"hello " * 5000,
        b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:1/a.ts\n",
        b"#EXTM3U\n#EXTINF:10,\nother.wav\n",
        b"ffconcat version 1.0\nfile other.wav\n",
        b"<html><body>404</body></html>",
        random.Random(1).randbytes(300_000),
        b"RIFF\xff\xff\xff\x7fWAVEfmt ",
        b"\x00" * 100_000,
    ],
    ids=["text", "playlist-url", "playlist-file", "concat", "html", "random", "only-a-header", "zeros"],
)
@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".mp4", ".txt"])
def test_not_audio(tmp_path: Path, content: bytes, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other content is named as such; a playlist opens neither the file nor the address in it."""
    monkeypatch.chdir(tmp_path)
    write(Path("other.wav"))
    path = tmp_path / f"ada{suffix}"
    path.write_bytes(content)
    assert _only_problem(path).startswith(("it is damaged, or not a recording", "no audio can be decoded"))


def test_a_header_without_samples(tmp_path: Path) -> None:
    """A WAV file of zero seconds."""
    with wave.open(str(tmp_path / "ada.wav"), "wb") as header:
        header.setnchannels(1)
        header.setsampwidth(2)
        header.setframerate(16_000)
    assert "export the recording again" in _only_problem(tmp_path / "ada.wav")


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".mp4", ".mov"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_truncated(tmp_path: Path, suffix: str, share: float) -> None:
    """Each format is found out, whether its index is at the end (nothing can be read) or at the beginning."""
    options = {"movflags": "faststart"} if suffix in (".mp4", ".mov") and share > 0.4 else {}
    path = _cut(write(tmp_path / f"ada{suffix}", tone(20, 8_000), rate=8_000, options=options), share)
    assert _only_problem(path).startswith(("it is truncated: only ", "it is damaged, or not a recording"))


def test_a_wav_of_unknown_size(tmp_path: Path) -> None:
    """A program that writes to a pipe does not know the size; such a file is complete."""
    path = write(tmp_path / "ada.wav")
    content = bytearray(path.read_bytes())
    start = content.index(b"data") + 4
    content[4:8] = content[start : start + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert audio.check(path, speech=False).problems == ()


def test_damaged_in_the_middle(tmp_path: Path) -> None:
    """Packets that cannot be decoded are counted."""
    path = write(tmp_path / "ada.mp3", tone(20))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = random.Random(1).randbytes(3000)
    path.write_bytes(content)
    problem = _only_problem(path)
    assert "packets are damaged" in problem or "it is truncated" in problem


def test_encrypted(tmp_path: Path) -> None:
    """An encrypted MP4 file is named as such, not as damaged."""
    assert (
        _only_problem(write(tmp_path / "ada.mp4", options=ENCRYPTED)) == "it is encrypted; export it without encryption"
    )


def test_video_without_sound(tmp_path: Path) -> None:
    """There is nothing to take a voice from."""
    path = write(tmp_path / "ada.mp4", video_frames=60, audio_streams=0)
    assert _only_problem(path) == "it is a video without sound; pass a recording of a voice"


@pytest.mark.parametrize(("offset", "length", "value"), [(22, 2, 0), (22, 2, 255), (24, 4, 1), (24, 4, 2**31 - 1)])
def test_absurd_headers(tmp_path: Path, offset: int, length: int, value: int) -> None:
    """Numbers of channels and rates that would need absurd amounts of memory or time are refused."""
    path = write(tmp_path / "ada.wav")
    content = bytearray(path.read_bytes())
    content[offset : offset + length] = value.to_bytes(length, "little")
    path.write_bytes(content)
    assert _only_problem(path).startswith("its header is damaged (")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """A sparse file of 300 GiB is refused at once."""
    path = write(tmp_path / "ada.wav")
    os.truncate(path, 300 * 2**30)
    start = time.monotonic()
    assert _only_problem(path) == "it has 307200 MiB, more than 200; extract the audio"
    assert time.monotonic() - start < 1


def test_the_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose decoding takes too long ends in a problem."""
    path = write(tmp_path / "ada.mp3")
    monkeypatch.setattr(_reader, "MAX_SECONDS", -1.0)
    assert _only_problem(path).startswith("it could not be decoded within")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs in the file system")
@pytest.mark.parametrize("kind", ["directory", "FIFO", "device", "socket", "loop", "missing", "forbidden"])
def test_not_a_file(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is one sentence that names the path, without waiting for a writer."""
    path = tmp_path / "ada.wav"
    says = {"loop": "symbolic links", "missing": "No such file", "forbidden": "Permission denied"}.get(
        kind, f"a {kind}"
    )
    match kind:
        case "directory":
            path.mkdir()
        case "FIFO":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "socket":
            with socket.socket(socket.AF_UNIX) as server:
                monkeypatch.chdir(tmp_path)  # the path of a socket may have only about 100 characters
                server.bind("ada.wav")
        case "loop":
            path.symlink_to(path)
        case "forbidden":
            write(path)
            monkeypatch.setattr(os, "open", _refuse)  # root may read every file
    with pytest.raises(InvalidInputError, match=says) as caught:
        audio.check(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("path", ["", "a\0b.wav", 7, None, b"ada.wav"])
def test_not_a_path(path: object) -> None:
    """An argument that is no path is invalid input."""
    with pytest.raises(InvalidInputError):
        audio.check(path)  # type: ignore[arg-type]


def test_without_the_extra(tmp_path: Path) -> None:
    """Without PyAV the error names the command that installs it."""
    code = "import sys; sys.modules['av'] = None\nfrom kling_voices import audio\naudio.check('ada.wav')"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "InvalidInputError: checking a recording needs the extra `audio`: pip install" in done.stderr


def test_ffmpeg_prints_nothing(tmp_path: Path) -> None:
    """The messages of FFmpeg about damaged files do not reach the terminal."""
    write(tmp_path / "ada.mp3", tone(20))
    (tmp_path / "bad.mp4").write_bytes(_cut(write(tmp_path / "cut.mp4"), 0.5).read_bytes())
    content = bytearray((tmp_path / "ada.mp3").read_bytes())
    content[5000:9000] = random.Random(1).randbytes(4000)
    (tmp_path / "ada.mp3").write_bytes(content)
    code = (
        "from kling_voices import audio\nfor n in ('ada.mp3', 'bad.mp4'): assert audio.check(n, speech=False).problems"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".mp4", ".mov"])
def test_random_damage(tmp_path: Path, suffix: str) -> None:
    """Property: after any change, cut or repetition of bytes, the result is a report, within two seconds."""
    chance = random.Random(suffix)
    original = write(tmp_path / f"original{suffix}", tone(2, 8_000), rate=8_000).read_bytes()
    path = tmp_path / f"ada{suffix}"
    for _ in range(60):
        content = bytearray(original)
        for _ in range(chance.choice([1, 10, 200])):
            content[chance.randrange(min(len(content), chance.choice([64, 2_000, 10**9])))] = chance.randrange(256)
        if chance.random() < 0.3:
            cut = chance.randrange(len(content))
            content = content[:cut] + content[cut : cut + 500] * chance.randrange(4)
        path.write_bytes(content)
        start = time.monotonic()
        report = audio.check(path, speech=False)
        assert time.monotonic() - start < 2
        assert all(report.problems)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource limits")
def test_memory(tmp_path: Path) -> None:
    """Ten minutes of 48 kHz stereo, 115 MB, are checked within 64 MiB more than a file of six seconds."""
    write(tmp_path / "short.wav", tone(6, 48_000), rate=48_000, channels=2)
    second = np.repeat((tone(1, 48_000) * 32767).astype("<i2"), 2).tobytes()
    with wave.open(str(tmp_path / "long.wav"), "wb") as long:
        long.setparams((2, 2, 48_000, 0, "NONE", ""))
        long.writeframes(second * 600)
    code = (
        "import resource, sys; from kling_voices import audio; audio.check(sys.argv[1], speech=False);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = [
        int(subprocess.run([sys.executable, "-c", code, name], cwd=tmp_path, capture_output=True, check=True).stdout)
        for name in ("short.wav", "long.wav")
    ]
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    assert (peaks[1] - peaks[0]) * unit < 64 * 2**20
