"""Arguments of a stage: refused before anything is sent. No server is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kling_voices import InvalidInputError
from kling_voices.staging import Stage, _objects, delete


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "is not the URL of a bucket"),
        ("voices", "is not the URL of a bucket"),
        ("s3://", "is not the URL of a bucket"),
        ("s3:///voices", "is not the URL of a bucket"),
        ("https://files.example.com/voices", "is not the URL of a bucket"),
        ("file:///tmp/voices", "is not the URL of a bucket"),
        ("memory:///", "is not the URL of a bucket"),
        ("s3://[bucket/voices", "is not a URL"),
        ("s3://key:secret@bucket/voices", "contains credentials or options"),
        ("s3://bucket/voices?token=secret", "contains credentials or options"),
        ("s3://bucket/voices#secret", "contains credentials or options"),
        ("s3://bucket//voices", "empty or invalid path segment"),
        ("s3://bucket/../voices", "empty or invalid path segment"),
        ("s3://bucket/a\nb", "empty or invalid path segment"),
        (7, "is of type int"),
        (None, "is of type NoneType"),
    ],
)
def test_urls(url: Any, says: str) -> None:
    """Each is refused with a sentence that shows no secret."""
    with pytest.raises(InvalidInputError, match=says) as caught:
        Stage(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("expires", [0, -1, 604_801, 3.5, True, "60", None, float("nan")])
def test_expires(expires: Any) -> None:
    """Whole seconds, at most a week."""
    with pytest.raises(InvalidInputError, match=r"expires is .* from 1 to 604800"):
        Stage("s3://bucket/voices", expires=expires)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("ada.txt", b"x", "does not end in one of .mp3, .wav, .mp4, .mov"),
        ("ada", b"x", "does not end in one of .mp3, .wav, .mp4, .mov"),
        ("ada.wav", b"", "is empty"),
        ("ada.mp3", b"too long", "has more than 0 MiB"),
        ("missing.wav", None, "No such file"),
    ],
)
def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, says: str) -> None:
    """A file that cannot be staged is refused before the store is asked."""
    monkeypatch.setattr(_objects, "MAX_BYTES", 5)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInputError, match=says), Stage("s3://bucket/voices") as stage:
        stage.put(tmp_path / name)


@pytest.mark.parametrize(
    "url", ["s3://bucket/voices", "s3://bucket/important.wav", f"s3://bucket/{'0' * 63}.wav", f"{'0' * 64}.wav", "", 7]
)
def test_only_staged_objects_can_be_deleted(url: Any) -> None:
    """No other object can be deleted by mistake."""
    with pytest.raises(InvalidInputError):
        delete(url)


@pytest.mark.parametrize(
    ("url", "settings", "host"),
    [
        (
            "az://container/voices",
            {"AZURE_STORAGE_ACCOUNT_NAME": "account", "AZURE_STORAGE_ACCOUNT_KEY": "a2V5"},
            "https://account.blob.core.windows.net/container/voices/",
        ),
        ("s3://bucket/voices", {}, "http://127.0.0.1:9/bucket/voices/"),
    ],
)
def test_other_stores_sign_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, settings: dict[str, str], host: str
) -> None:
    """S3 and Azure sign with the account's key, without a request."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "ada.wav").write_bytes(b"x")
    stage = Stage(url)
    replies = iter([(_objects.describe(tmp_path / "ada.wav"), True)])
    signed = stage.put_with(lambda *_: next(replies), tmp_path / "ada.wav")
    assert signed.startswith(host)
    assert "sig" in signed.lower()


def test_without_the_extra() -> None:
    """Without obstore the error names the command that installs it."""
    code = "import sys; sys.modules['obstore'] = None\nfrom kling_voices.staging import Stage\nStage('s3://b')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "InvalidInputError: staging needs the extra `stage`: pip install" in done.stderr
