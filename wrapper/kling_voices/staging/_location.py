"""The location of staged recordings: the URL of a bucket or container, with a prefix."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from attrs import frozen

from .._protocol.redaction import redact_url
from ..errors import InvalidInputError

# The settings with the credentials for each scheme, for messages.
SCHEMES = {
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_SERVICE_ACCOUNT",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT")
_INVALID = re.compile(r"[\x00-\x1f\x7f\\]")


@frozen
class Location:
    """A parsed URL; `url` has no trailing slash."""

    url: str
    scheme: str
    bucket: str

    @property
    def settings(self) -> str:
        """The environment variables that configure this store."""
        return SCHEMES[self.scheme]

    @property
    def allows_http(self) -> bool:
        """Whether the environment names an endpoint without TLS, such as a server on this machine."""
        return any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS)


def parse_location(url: str) -> Location:
    """Parse the URL of a stage.

    Raises:
        InvalidInputError: It is not the URL of a bucket or container, with or without a prefix.
    """
    if not isinstance(url, str):
        raise InvalidInputError(f"the stage is of type {type(url).__name__}; pass a URL such as s3://bucket/voices")
    shown = redact_url(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidInputError(f"the stage {shown!r} is not a URL; pass one such as s3://bucket/voices") from None
    if parts.scheme not in SCHEMES or not parts.netloc:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise InvalidInputError(
            f"the stage {shown!r} is not the URL of a bucket; pass one such as s3://bucket/voices ({known})"
        )
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise InvalidInputError(
            f"the stage {shown!r} contains credentials or options; leave them out and set {SCHEMES[parts.scheme]}"
        )
    prefix = parts.path.removeprefix("/").removesuffix("/")
    segments = prefix.split("/") if prefix else []
    if _INVALID.search(url) or any(segment in ("", ".", "..") for segment in segments):
        raise InvalidInputError(f"the stage {shown!r} has an empty or invalid path segment; correct the URL")
    return Location("/".join([f"{parts.scheme}://{parts.netloc}", *segments]), parts.scheme, parts.netloc)
