"""Manifests: every form that is understood, and every problem with its line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices import InvalidInputError, VoiceRequest
from kling_voices._bulk.checked_manifest import CheckedManifest
from kling_voices._bulk.manifest import read_manifest

from tests.support.batches import URL


def _read(path: Path, content: str | bytes) -> list[tuple[int, VoiceRequest | None, str | None]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [tuple(row) for row in read_manifest(path)]  # type: ignore[misc]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a manifest."""
    return tmp_path / "voices.csv"


ADA, BOB = VoiceRequest("Ada", voice_url=URL), VoiceRequest("Bob", video_id="830460928805724256", key="2")
CSV = f"voice_name,voice_url,video_id,key\nAda,{URL},,\nBob,,830460928805724256,2\n"


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        "\ufeff" + CSV,
        CSV.replace(",", ";"),
        CSV.replace(",", "\t"),
        CSV.replace(",", "|"),
        CSV.replace("\n", "\r\n"),
        CSV.replace("\n", "\r"),
        CSV.rstrip("\n"),
        CSV.replace("voice_name,voice_url,video_id,key", '"Voice Name",Voice-URL, VIDEO_ID ,Key'),
        CSV.encode("utf-16"),
    ],
    ids=["plain", "BOM", "semicolon", "tab", "bar", "CRLF", "CR", "no newline", "header names", "UTF-16"],
)
def test_csv(path: Path, content: str | bytes) -> None:
    """Byte order marks, delimiters, line ends and spellings of header names do not matter."""
    assert _read(path, content) == [(2, ADA, None), (3, BOB, None)]


def test_json_lines(path: Path) -> None:
    """One object a line, whatever the file is called; blank lines are left out, and null means absent."""
    lines = [
        {"voice_name": "Ada", "voice_url": URL, "video_id": None},
        {"voice_name": "Bob", "video_id": "830460928805724256", "key": "2", "extra_body": {"language": "en"}},
    ]
    content = "\n" + "\n\n".join(json.dumps(line) for line in lines)
    (first, second) = _read(path, content)
    assert first == (2, ADA, None)
    assert second[:2] == (4, VoiceRequest("Bob", video_id="830460928805724256", key="2", extra_body={"language": "en"}))


def test_quoted_newlines(path: Path) -> None:
    """A cell may contain line breaks and delimiters; the number of a row is that of its first line."""
    content = f'voice_name,voice_url,key\n"Ada",{URL},"one\ntwo, three"\nBob,,\nEve,{URL},\n'
    first, second, third = _read(path, content)
    assert first == (2, VoiceRequest("Ada", voice_url=URL, key="one\ntwo, three"), None)
    assert (second[0], second[1]) == (4, None)
    assert third == (5, VoiceRequest("Eve", voice_url=URL), None)


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("", 1, "is empty"),
        ("\n\n", 1, "is empty"),
        ("name,voice_url\nAda,x\n", 1, "there is no field 'name'"),
        ("voice_name,voice_name\nAda,x\n", 1, "named twice"),
        ("voice_url\nx\n", 1, "'voice_name' is missing"),
        (f"voice_name,voice_url\nAda,{URL},more\n", 2, "3 cells, and the header has 2"),
        (f"voice_name,voice_url\n,{URL}\n", 2, "voice_name is missing"),
        (f"voice_name,voice_url\n{'x' * 21},{URL}\n", 2, "21 characters"),
        ("voice_name,voice_url\nAda,\n", 2, "neither voice_url, video_id nor voice_file"),
        ("voice_name,voice_url\nAda,ftp://x\n", 2, "not an http or https address"),
        ("voice_name,voice_file\nAda,missing.wav\n", 2, "voice_file missing.wav is not a file"),
        ("voice_name,voice_file\nAda,.\n", 2, "is not a file"),
        (f"voice_name,voice_url,extra_body\nAda,{URL},x\n", 2, "extra_body is not a JSON object"),
        (f"voice_name,voice_url,extra_body\nAda,{URL},7\n", 2, "extra_body must be a mapping"),
        (f'voice_name,voice_url\nAda,"{URL}\n', 2, "not valid CSV"),
        (f'voice_name,voice_url\n"Ada"x,{URL}\n', 2, "not valid CSV"),
        (b"voice_name,voice_url\n\xff\xff,x\n", 1, "not UTF-8"),
        ("{\n", 1, "not valid JSON"),
        ("{} []", 1, "not valid JSON"),
        ('{"voice_name": "Ada"}\n[]\n', 2, "not a JSON object"),
        ('{"voice_name": "Ada", "voice_name": "Bob"}\n', 1, "given twice"),
        ('{"voice_name": "Ada", "voice_uri": "x"}\n', 1, "no field 'voice_uri'"),
        ('{"voice_name": 7, "video_id": "1"}\n', 1, "voice_name is of type int"),
        ('{"voice_name": "Ada", "video_id": 1}\n', 1, "video_id is of type int"),
        ('{"voice_name": "Ada", "voice_file": 1}\n', 1, "voice_file is of type int"),
        ('{"video_id": "1"}\n', 1, "voice_name is missing"),
        ('{"a":' * 100_000 + "\n", 1, "not valid JSON"),
    ],
)
def test_problems(path: Path, content: str | bytes, line: int, problem: str) -> None:
    """Each problem is named with its line and with what to do."""
    found = [(row[0], row[2]) for row in _read(path, content) if row[1] is None]
    assert any(number == line and problem in (text or "") for number, text in found), found


def test_all_problems_are_found(path: Path) -> None:
    """One invalid row does not hide another, and explicit ids are compared across rows."""
    path.write_text(
        "voice_name,video_id,external_task_id\nAda,1,order-1\n,2,\nBob,1,order-1\nAda,1,order-1\nEve,,\n",
        encoding="utf-8",
    )
    checked = CheckedManifest(path)
    assert checked.count == 3
    assert [row.line for row in checked.problems] == [3, 4, 6]
    assert "also that of line 2" in (checked.problems[1].problem or "")


def test_files_are_relative_to_the_manifest(tmp_path: Path) -> None:
    """A manifest and its recordings can be moved together."""
    (tmp_path / "ada.wav").write_bytes(b"RIFF")
    row = _read(tmp_path / "voices.csv", "voice_name,voice_file\nAda,ada.wav\n")[0]
    assert row[1] == VoiceRequest("Ada", voice_file=tmp_path / "ada.wav")


def test_a_manifest_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder and a manifest without rows are one clear error."""
    (tmp_path / "empty.csv").write_text("voice_name,voice_url\n", encoding="utf-8")
    for name, message in (("missing.csv", "cannot be read"), (".", "cannot be read"), ("empty.csv", "no requests")):
        with pytest.raises(InvalidInputError, match=message):
            CheckedManifest(tmp_path / name)


def test_a_manifest_that_changes(path: Path) -> None:
    """A row that was valid when the manifest was checked, and no longer is, ends the batch with its line."""
    path.write_text(CSV, encoding="utf-8")
    checked = CheckedManifest(path)
    path.write_text("voice_name,voice_url\nAda,\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="line 2: neither"):
        list(checked.rows())


_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=20)


@given(rows=st.lists(st.tuples(_NAMES, _CELLS), min_size=1, max_size=5), delimiter=st.sampled_from(",;\t|"))
def test_whatever_csv_writes_is_read(tmp_path_factory: Any, rows: list[tuple[str, str]], delimiter: str) -> None:
    """For any cells and any of the delimiters, what Python's csv module writes is read back unchanged."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["voice_name", "video_id", "key"])
    writer.writerows([name, "1", key] for name, key in rows)
    path = tmp_path_factory.mktemp("manifest") / "voices.csv"
    read = _read(path, text.getvalue())
    assert [row[1] for row in read] == [VoiceRequest(name, video_id="1", key=key or None) for name, key in rows]


@given(content=st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: Any, content: bytes) -> None:
    """Any file leads to rows or problems, never to another exception."""
    for row in _read(tmp_path_factory.mktemp("manifest") / "voices.csv", content):
        assert (row[1] is None) == bool(row[2])


@pytest.mark.parametrize(
    "content",
    [
        f"{URL}?sig=0123456789abcdef\n",
        f"voice_name,voice_file\nAda,{URL}?sig=0123456789abcdef\n",
        f'{{"{URL}?sig=0123456789abcdef": 1}}\n',
    ],
    ids=["no header", "in the wrong column", "as a field"],
)
def test_problems_have_no_signature(path: Path, content: str) -> None:
    """A URL in the wrong place, as in a table without its header, is named without its signed part."""
    [(_, _, problem)] = _read(path, content)
    assert problem is not None
    assert "example.com" in problem
    assert "0123456789abcdef" not in problem


@pytest.mark.parametrize(
    "content",
    [
        f"voice_name,voice_file\nAda,{'a' * 5000}.wav\n",
        json.dumps({"voice_name": "Ada", "voice_url": URL, "key": "\ud83d"}),
    ],
    ids=["a long file name", "an unpaired surrogate in the key"],
)
def test_unusable_texts(path: Path, content: str) -> None:
    """What no file system and no encoding accepts is a problem with its line."""
    [(_, request, problem)] = _read(path, content)
    assert request is None
    assert problem
