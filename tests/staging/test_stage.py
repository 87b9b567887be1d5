"""`kling_voices.staging.Stage` on a real S3 server that verifies signatures."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import obstore
import pytest
from kling_voices import ConnectionFailedError, InvalidInputError, KlingVoicesError
from kling_voices.staging import Stage, _store, delete

from tests.support.object_store import ObjectStore

URL = "s3://bucket/voices"


def test_upload_fetch_delete(store: ObjectStore, recording: Path) -> None:
    """A plain GET returns the content with its media type, and the object is gone after the block."""
    with Stage(URL) as stage:
        url = stage.put(recording)
        response = httpx.get(url)
        assert (response.status_code, response.content) == (200, recording.read_bytes())
        digest = hashlib.sha256(recording.read_bytes()).hexdigest()
        assert urlsplit(url).path == f"/bucket/voices/{digest}.wav"
        assert store.names() == [f"voices/{digest}.wav"]
        assert stage.remaining == (f"{URL}/{digest}.wav",)
    assert (store.names(), len(stage.remaining)) == ([], 0)
    assert httpx.get(url).status_code == 404


@pytest.mark.parametrize("expires", [60, 604_800])
def test_signature(store: ObjectStore, recording: Path, expires: int) -> None:
    """The URL is signed with SigV4, only for GET, and for the requested number of seconds."""
    with Stage(URL, expires=expires) as stage:
        url = stage.put(recording)
        assert f"X-Amz-Expires={expires}&" in url
        assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
        assert store.access_key in url
        assert store.secret_key not in url
        part = httpx.get(url, headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"RIFF")
        assert httpx.head(url).status_code == 403
        assert httpx.put(url, content=b"x").status_code == 403
        assert httpx.delete(url).status_code == 403


def test_tampered_or_unsigned(store: ObjectStore, recording: Path, tmp_path: Path) -> None:
    """A URL opens exactly one object: not without its signature, with another one, longer, or for another object."""
    other = tmp_path / "bob.wav"
    other.write_bytes(b"another")
    with Stage(URL) as stage:
        url, other_url = stage.put(recording), stage.put(other)
        last = "1" if url.endswith("0") else "0"
        tampered = [
            url.partition("?")[0],
            url[:-1] + last,
            url.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000"),
            other_url.partition("?")[0] + "?" + url.partition("?")[2],
        ]
        assert [httpx.get(one).status_code for one in tampered] == [403] * 4
    assert store.names() == []


@pytest.mark.usefixtures("store")
def test_expired(recording: Path) -> None:
    """A URL is refused after its time, which the server's clock decides."""
    with Stage(URL, expires=1) as stage:
        url, start = stage.put(recording), time.monotonic()
        while httpx.get(url).status_code == 200:  # another process, so its clock cannot be injected
            assert time.monotonic() - start < 5


def test_identical_content_is_uploaded_once(
    store: ObjectStore, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files with one content are one object, also if two threads stage them at the same time."""
    uploads = []
    real = obstore.put

    def count(*arguments: Any, **options: Any) -> Any:
        uploads.append(arguments[1])
        return real(*arguments, **options)

    monkeypatch.setattr(obstore, "put", count)
    copy = tmp_path / "声音.wav"
    copy.write_bytes(recording.read_bytes())
    with Stage(URL) as stage, ThreadPoolExecutor(8) as threads:
        urls = set(threads.map(stage.put, [recording, copy] * 8))
        assert len({url.partition("?")[0] for url in urls}) == len(uploads) == len(store.names()) == 1


def test_what_existed_before_is_not_deleted(store: ObjectStore, recording: Path) -> None:
    """An object of an earlier stage with keep=True is used, and stays."""
    with Stage(URL, keep=True) as first:
        url = first.put(recording)
    assert store.names() == [urlsplit(url).path.removeprefix("/bucket/")]
    with Stage(URL) as second:
        assert httpx.get(second.put(recording)).status_code == 200
        second.discard(url)
        assert second.remaining == ()
    assert len(store.names()) == 1


def test_discard(store: ObjectStore, recording: Path) -> None:
    """An object is deleted with its last use, and can be staged again."""
    with Stage(URL) as stage:
        url = stage.put(recording)
        stage.put(recording)
        stage.discard(url)
        assert len(store.names()) == 1
        stage.discard(url)
        assert (store.names(), stage.remaining) == ([], ())
        assert httpx.get(stage.put(recording)).status_code == 200


def test_release_and_delete(store: ObjectStore, recording: Path, tmp_path: Path) -> None:
    """A released object stays, `remaining` names it, and `delete` takes that name."""
    other = tmp_path / "bob.mp3"
    other.write_bytes(b"another")
    with Stage(f"{URL}/") as stage:
        url = stage.put(recording)
        stage.put(other)
        stage.release(url)
    (remaining,) = stage.remaining
    assert [f"s3://bucket/{name}" for name in store.names()] == [remaining]
    assert httpx.get(url).status_code == 200
    delete(remaining)
    delete(remaining)  # a second time is no error
    assert store.names() == []


@pytest.mark.parametrize("prefix", ["声音/é ü", "a b/c+d", "100%25/#"[:5], "x=1&y", "'quoted'"])
@pytest.mark.parametrize("name", ["声音.wav", "ada lovelace.MP3", "a'b.mov", "ada.tar.mp4"])
def test_any_name(store: ObjectStore, tmp_path: Path, prefix: str, name: str) -> None:
    """Prefixes and file names may have any characters; the URL is ASCII and ends in the extension."""
    path = tmp_path / name
    path.write_bytes(name.encode())
    with Stage(f"s3://bucket/{prefix}") as stage:
        url = stage.put(path)
        assert url.isascii()
        assert urlsplit(url).path.endswith(path.suffix.lower())
        assert httpx.get(url).content == name.encode()
    assert store.names() == []


def test_a_bucket_without_a_prefix(store: ObjectStore, recording: Path) -> None:
    """The prefix is optional."""
    with Stage("s3://bucket") as stage:
        assert httpx.get(stage.put(recording)).status_code == 200
        assert "/" not in store.names()[0]


def test_a_large_file(store: ObjectStore, tmp_path: Path) -> None:
    """A file of several parts arrives complete."""
    path = tmp_path / "ada.mov"
    path.write_bytes(os.urandom(1000) * 12_000)
    with Stage(URL) as stage:
        assert httpx.get(stage.put(path)).content == path.read_bytes()
    assert store.names() == []


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async(store: ObjectStore, recording: Path, backend: str) -> None:
    """The same in an event loop, and the object is deleted even if the block is cancelled."""

    async def main() -> None:
        with anyio.CancelScope() as scope:
            async with Stage(URL) as stage:
                url = await stage.aput(recording)
                assert (await anyio.to_thread.run_sync(httpx.get, url)).status_code == 200
                scope.cancel()
                await anyio.sleep(1)

    anyio.run(main, backend=backend)
    assert store.names() == []


@pytest.mark.parametrize(
    ("settings", "url", "says"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong-secret"}, URL, "refused the credentials"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, URL, "refused the credentials"),
        ({}, "s3://no-such-bucket/x", "there is no bucket or container 'no-such-bucket'"),
    ],
)
def test_the_store_refuses(
    store: ObjectStore, recording: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], url: str, says: str
) -> None:
    """Wrong credentials and a missing bucket are invalid input, in one line that shows no secret."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInputError, match=says) as caught, Stage(url) as stage:
        stage.put(recording)
    _assert_no_secret(caught.value, store)


def test_no_credentials(store: ObjectStore, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variables. Without them obstore asks the cloud's metadata service, here a closed port."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9/metadata")
    with pytest.raises(KlingVoicesError, match="AWS_ACCESS_KEY_ID") as caught, Stage(URL) as stage:
        stage.put(recording)
    _assert_no_secret(caught.value, store)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "https://{server}"])
def test_the_endpoint_is_down(
    store: ObjectStore, recording: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    """A refused connection, or one without TLS, is a failed connection after some retries."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.format(server=store.endpoint.partition("://")[2]))
    monkeypatch.setattr(_store, "_RETRIES", {"max_retries": 1})
    with (
        pytest.raises(ConnectionFailedError, match="the object store could not be used") as caught,
        Stage(URL) as stage,
    ):
        stage.put(recording)
    assert caught.value.outcome == "not_created"
    _assert_no_secret(caught.value, store)


def test_a_deletion_that_fails(
    store: ObjectStore, recording: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, it does not hide the result of the block, and `remaining` names the object."""
    with Stage(URL) as stage:
        url = stage.put(recording)
        real = obstore.delete
        monkeypatch.setattr(obstore, "delete", _unreachable)
    assert len(stage.remaining) == 1
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "could not be deleted" in caplog.text
    assert "X-Amz" not in caplog.text
    monkeypatch.setattr(obstore, "delete", real)
    stage.close()
    assert (store.names(), len(stage.remaining)) == ([], 0)
    assert httpx.get(url).status_code == 404


def test_a_failed_upload_is_repeated_and_deleted(
    store: ObjectStore, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload whose response was lost may exist: it is still deleted, and the next `put` uploads again."""
    real = obstore.put

    def lose_the_response(*arguments: Any, **options: Any) -> None:
        real(*arguments, **options)
        _unreachable()

    with Stage(URL) as stage:
        monkeypatch.setattr(obstore, "put", lose_the_response)
        with pytest.raises(ConnectionFailedError):
            stage.put(recording)
        assert len(stage.remaining) == len(store.names()) == 1
        monkeypatch.setattr(obstore, "put", real)
        assert httpx.get(stage.put(recording)).status_code == 200
    assert store.names() == []


def test_a_file_that_changes(store: ObjectStore, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Content that changes between hashing and uploading is never stored under the wrong name."""
    real = obstore.head

    def change(*arguments: object) -> object:
        recording.write_bytes(b"other content")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(obstore, "head", change)
    with pytest.raises(InvalidInputError, match="was changed while it was being staged"), Stage(URL) as stage:
        stage.put(recording)
    assert store.names() == []


def test_secrets_are_not_shown(store: ObjectStore, recording: Path) -> None:
    """Neither the repr nor the text of a stage shows credentials or signatures."""
    with Stage(URL, expires=60) as stage:
        stage.put(recording)
        assert repr(stage) == "Stage('s3://bucket/voices', expires=60, keep=False)"
        assert "X-Amz" not in " ".join(stage.remaining)
        assert store.secret_key not in repr(vars(stage))


def _unreachable(*_: object) -> None:
    raise obstore.exceptions.GenericError("Error performing DELETE http://s/?X-Amz-Signature=abc - HTTP error: reset")


def _assert_no_secret(error: KlingVoicesError, store: ObjectStore) -> None:
    assert "\n" not in str(error)
    assert not re.search(rf"X-Amz|{store.secret_key}|wrong-secret", f"{error!r} {error.__cause__!r}")
    assert error.__cause__ is None
    assert error.__suppress_context__
