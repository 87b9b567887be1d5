"""Staged objects: one object for each content, named after its SHA-256."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen

from .._files import MAX_BYTES, local_path, open_recording
from .._flows.validation import AUDIO_EXTENSIONS
from .._protocol.redaction import redact_url
from ..errors import InvalidInputError

MEDIA_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "mp4": "video/mp4", "mov": "video/quicktime"}
_NAME = re.compile(rf"[0-9a-f]{{64}}\.({'|'.join(AUDIO_EXTENSIONS)})")


@frozen
class StagedObject:
    """One recording in the object store.

    Attributes:
        path: The local file.
        name: The name below the stage's URL: the SHA-256 of the content and the file's extension.
        size: Bytes.
    """

    path: Path
    name: str
    size: int


def object_name(url: str) -> str:
    """The name in a signed or plain URL of an object.

    Raises:
        InvalidInputError: It is not the URL of a staged object.
    """
    name = urlsplit(url).path.rpartition("/")[2] if isinstance(url, str) else ""
    if not _NAME.fullmatch(name):
        raise InvalidInputError(f"{redact_url(str(url))!r} is not the URL of a staged object; pass one of a stage")
    return name


def describe(path: str | os.PathLike[str]) -> StagedObject:
    """The object that a file becomes.

    Raises:
        InvalidInputError: The file cannot be read, is empty or too large, or has an extension that gateways refuse (S).
    """
    return _read(path)[0]


def read_again(staged: StagedObject) -> bytes:
    """The content to upload.

    Raises:
        InvalidInputError: The file cannot be read, or has changed since it was described.
    """
    now, content = _read(staged.path)
    if now != staged:
        raise InvalidInputError(f"{staged.path} was changed while it was being staged; start again")
    return content


def _read(path: str | os.PathLike[str]) -> tuple[StagedObject, bytes]:
    file = local_path(path)
    extension = file.suffix[1:].lower()
    if extension not in AUDIO_EXTENSIONS:
        supported = ", ".join(f".{name}" for name in AUDIO_EXTENSIONS)
        raise InvalidInputError(f"{file} does not end in one of {supported}; convert or rename it")
    with open_recording(file) as opened:
        content = opened.read(MAX_BYTES + 1)
    if not content:
        raise InvalidInputError(f"{file} is empty; record it again")
    if len(content) > MAX_BYTES:
        raise InvalidInputError(f"{file} has more than {MAX_BYTES // 2**20} MiB; extract the audio")
    name = f"{hashlib.sha256(content).hexdigest()}.{extension}"
    return StagedObject(file, name, len(content)), content
