"""The object store: all code that uses obstore."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from .._protocol.redaction import redact
from ..errors import ConnectionFailedError, InvalidInputError
from ._location import Location
from ._objects import MEDIA_TYPES, StagedObject, describe, read_again

# obstore retries lost connections and 5xx. By default it retries for three minutes.
_RETRIES: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}
_REQUEST_TIMEOUT = "120s"
_CODE = re.compile(r"<Code>(\w+)</Code>")
_NO_CREDENTIALS = re.compile(r"169\.254\.169\.254|metadata|token request|MissingAccount")


class Store:
    """The objects below one location. All errors are those of this package, without credentials or signatures.

    It can be sent to another process, which then uses its own environment.
    """

    def __init__(self, location: Location) -> None:
        try:
            import obstore  # noqa: PLC0415 - the extra may be missing
            from obstore.store import from_url  # noqa: PLC0415
        except ImportError:
            raise InvalidInputError("staging needs the extra `stage`: pip install 'kling-voices[stage]'") from None
        self._location, self._obstore = location, obstore
        options: Any = {"timeout": _REQUEST_TIMEOUT, "allow_http": location.allows_http}
        with _translated(location):
            self._store: Any = from_url(location.url, client_options=options, retry_config=_RETRIES)

    def __reduce__(self) -> tuple[Any, ...]:
        return _open_once, (self._location,)

    def inspect(self, path: Path) -> tuple[StagedObject, bool]:
        """The object that a file becomes, and whether it exists already. May be repeated."""
        staged = describe(path)
        with _translated(self._location):
            try:
                self._obstore.head(self._store, staged.name)
            except FileNotFoundError:
                return staged, False
        return staged, True

    def upload(self, staged: StagedObject) -> None:
        """Create or replace an object. May be repeated."""
        content = read_again(staged)
        attributes = {"Content-Type": MEDIA_TYPES[staged.name.rpartition(".")[2]]}
        with _translated(self._location):
            self._obstore.put(self._store, staged.name, content, attributes=attributes)

    def sign(self, name: str, seconds: int) -> str:
        """A URL that is valid for one method, GET."""
        with _translated(self._location):
            return self._obstore.sign(self._store, "GET", name, timedelta(seconds=seconds))

    def delete(self, names: Sequence[str]) -> None:
        """Delete objects, as far as they exist."""
        for name in names if self._location.scheme != "s3" else [names]:  # only S3 accepts names that do not exist
            with _translated(self._location), suppress(FileNotFoundError):
                self._obstore.delete(self._store, name)


@cache
def _open_once(location: Location) -> Store:
    return Store(location)


@contextmanager
def _translated(location: Location) -> Iterator[None]:
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError  # noqa: PLC0415

    # Causes are dropped: obstore's messages can contain headers and signed URLs.
    try:
        yield
    except FileNotFoundError:
        raise InvalidInputError(
            f"{location.url}: there is no bucket or container {location.bucket!r}; create it or correct the URL"
        ) from None
    except (PermissionDeniedError, UnauthenticatedError) as error:
        code = _CODE.search(str(error))
        reason = f" ({code[1]})" if code else ""
        raise InvalidInputError(
            f"{location.url}: the object store refused the credentials{reason}; check {location.settings}"
        ) from None
    except (BaseError, ValueError, OSError) as error:
        if _NO_CREDENTIALS.search(str(error)):
            raise InvalidInputError(f"{location.url}: there are no credentials; set {location.settings}") from None
        reason = redact((str(error).splitlines() or [""])[0].rpartition(" - ")[2])
        raise ConnectionFailedError(
            f"{location.url}: the object store could not be used: {reason}; check {location.settings}, and try again",
            request_sent=False,
        ) from None
