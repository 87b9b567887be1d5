"""The identity of a request: the external task id that is derived from what the voice is made of.

The same request always gets the same id, also without a ledger. Where the gateway enforces that external ids are unique
(V), a lost ledger therefore cannot lead to a second charge.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from .._files import is_file
from .._protocol.redaction import redact_url
from ..errors import InvalidInputError
from .models import VoiceRequest

_NAMESPACE = uuid.UUID("6f0c7c1e-2f0b-5b0a-9d53-0c1b8a4f3e21")
_CHUNK = 1024 * 1024  # bytes

# Query parameters that sign a URL, in lower case: S3, CloudFront, GCS, Azure, OSS, COS, OBS and TOS. They change with
# each signature, so they are not part of the identity. Every other parameter may choose the file, so it is.
_SIGNING_PREFIXES = ("x-amz-", "x-goog-", "x-oss-", "x-cos-", "x-obs-", "x-tos-")
_SIGNING_NAMES = frozenset(
    {"awsaccesskeyid", "signature", "expires", "policy", "key-pair-id", "googleaccessid", "ossaccesskeyid"}
    | {"sig", "se", "st", "sp", "sv", "sr", "spr", "sip", "skoid", "sktid", "skt", "ske", "sks", "skv"}
    | {"ss", "srt", "saoid", "suoid", "scid", "sdd", "ses", "security-token", "accesskeyid", "auth_key"}
    | {"q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list", "q-signature"}
)


def source_of(request: VoiceRequest) -> str:
    """What the voice is made of, without signatures: a URL, a video id, or the digest of a file's content.

    Raises InvalidInputError if the file cannot be read.
    """
    if request.voice_file is not None:
        return f"file:{_digest_of(request.voice_file)}"
    if request.video_id:
        return f"video:{request.video_id}"
    return f"url:{_unsigned(request.voice_url or '')}"


def fingerprint_of(request: VoiceRequest, source: str) -> str:
    """A digest of what makes requests identical: name, source and key."""
    text = json.dumps([request.voice_name, source, request.key or ""], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def external_task_id_of(request: VoiceRequest, gateway_url: str, fingerprint: str) -> str:
    """The request's own external task id, or the derived one."""
    return request.external_task_id or str(uuid.uuid5(_NAMESPACE, f"{gateway_url}\n{fingerprint}"))


def _unsigned(url: str) -> str:
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _signs(name)]
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query=urlencode(kept), fragment="").geturl()


def _signs(name: str) -> bool:
    return name.lower() in _SIGNING_NAMES or name.lower().startswith(_SIGNING_PREFIXES)


def _digest_of(file: Path) -> str:
    """The SHA-256 of a file's content."""
    if not is_file(file):  # a FIFO would never end
        problem = "is not a file" if os.path.exists(file) else "does not exist"  # noqa: PTH110 - as in is_file
        raise InvalidInputError(f"voice_file {file} {problem}; correct the path")
    digest = hashlib.sha256()
    try:
        with file.open("rb") as content:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise InvalidInputError(f"voice_file {file} cannot be read: {error.strerror}") from None
    return digest.hexdigest()


def label_of(request: VoiceRequest) -> str:
    """What the voice is made of, for people who read the ledger; without the signed part of a URL."""
    if request.voice_file is not None:
        return str(request.voice_file).encode(errors="replace").decode()  # not every name of a file is UTF-8
    return request.video_id or redact_url(request.voice_url or "")
