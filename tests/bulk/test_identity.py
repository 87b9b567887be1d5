"""The identity of requests: equal for the same voice, different for any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices import InvalidInputError, VoiceRequest
from kling_voices._bulk.identity import external_task_id_of, fingerprint_of, label_of, source_of

from tests.support.batches import URL


def _id(request: VoiceRequest, gateway: str = "https://gateway.example") -> str:
    return external_task_id_of(request, gateway, fingerprint_of(request, source_of(request)))


def test_the_id_never_changes() -> None:
    """A new version derives the same id, so an old manifest without its ledger creates nothing twice."""
    assert _id(VoiceRequest("Ada", voice_url=URL)) == "a8588087-c01b-5051-a319-dee7fb7a6c26"


@pytest.mark.parametrize(
    "url",
    [
        f"{URL}?X-Amz-Signature=a&X-Amz-Expires=9",
        f"{URL}?x-goog-signature=a",
        f"{URL}?sv=1&sig=2&se=3&sp=r",
        f"{URL}?AWSAccessKeyId=1&Signature=2&Expires=3",
        f"{URL}?Policy=1&Signature=2&Key-Pair-Id=3#t=1",
        f"{URL}?q-sign-algorithm=sha1&q-ak=1&q-sign-time=2&q-key-time=3&q-header-list=&q-url-param-list=&q-signature=4",
        f"{URL}?q-signature=4&x-cos-security-token=5",
        f"{URL}?OSSAccessKeyId=1&Expires=2&Signature=3&security-token=4",
        f"{URL}?AccessKeyId=1&Expires=2&Signature=3&x-obs-security-token=4",
        f"{URL}?X-Tos-Signature=1&X-Tos-Date=2",
        f"{URL}?auth_key=1700000000-0-0-0123456789abcdef",
        f"{URL}?sv=1&ss=b&srt=o&sp=r&se=2&sig=3&saoid=4&suoid=5&scid=6&sdd=7&ses=8",
        "https://user:password@example.com/ada.mp3",
    ],
)
def test_signatures_are_left_out(url: str) -> None:
    """A URL that was signed again is the same source."""
    assert _id(VoiceRequest("Ada", voice_url=url)) == _id(VoiceRequest("Ada", voice_url=URL))


def test_everything_else_counts() -> None:
    """Name, source, key and gateway distinguish voices; other parameters of a URL can choose the file."""
    requests = [
        VoiceRequest("Ada", voice_url=URL),
        VoiceRequest("ada", voice_url=URL),
        VoiceRequest("Ada", voice_url=f"{URL}?file=2"),
        VoiceRequest("Ada", voice_url=URL.replace("ada", "Ada")),
        VoiceRequest("Ada", video_id="1"),
        VoiceRequest("Ada", video_id="2"),
        VoiceRequest("Ada", video_id="2", key="b"),
    ]
    ids = {_id(request) for request in requests} | {_id(requests[0], "https://other.example")}
    assert len(ids) == len(requests) + 1


def test_files_are_compared_by_content(tmp_path: Path) -> None:
    """A file that was moved is the same source, and one that was changed is another."""
    first, second = tmp_path / "a.wav", tmp_path / "b.wav"
    first.write_bytes(b"one")
    second.write_bytes(b"one")
    before = _id(VoiceRequest("Ada", voice_file=first))
    assert _id(VoiceRequest("Ada", voice_file=second)) == before
    first.write_bytes(b"two")
    assert _id(VoiceRequest("Ada", voice_file=first)) != before


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file and a folder are one clear error."""
    for path, message in ((tmp_path / "missing.wav", "does not exist"), (tmp_path, "is not a file")):
        with pytest.raises(InvalidInputError, match=message):
            _id(VoiceRequest("Ada", voice_file=path))


def test_an_explicit_id_is_kept() -> None:
    """The caller's own id is the identity."""
    assert _id(VoiceRequest("Ada", voice_url=URL, external_task_id="order-1")) == "order-1"


def test_labels_have_no_secrets() -> None:
    """The ledger describes the source without the signed part."""
    assert label_of(VoiceRequest("Ada", voice_url=f"{URL}?sig=secret")) == f"{URL}?…"
    assert label_of(VoiceRequest("Ada", video_id="1")) == "1"
    assert label_of(VoiceRequest("Ada", voice_file="a.wav")) == "a.wav"


@given(st.tuples(st.text(max_size=5), st.text(max_size=5)), st.tuples(st.text(max_size=5), st.text(max_size=5)))
def test_fields_do_not_run_into_each_other(first: tuple[str, str], second: tuple[str, str]) -> None:
    """Two requests have the same fingerprint only if source and key are the same."""
    request = [VoiceRequest("Ada", video_id="1", key=key) for _, key in (first, second)]
    prints = [fingerprint_of(each, source) for each, (source, _) in zip(request, (first, second), strict=True)]
    assert (prints[0] == prints[1]) == (first == second)


def test_names_of_files_that_are_no_text() -> None:
    """The label of a file whose name is not UTF-8 can be stored, and a name that no file can have is refused."""
    label_of(VoiceRequest("Ada", voice_file=Path("\udcff.wav"))).encode()
    with pytest.raises(InvalidInputError, match="does not exist"):
        source_of(VoiceRequest("Ada", voice_file=Path("a" * 5000)))
