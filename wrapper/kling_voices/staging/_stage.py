"""A stage: recordings that are uploaded, signed, and deleted again."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from .._files import local_path
from .._flows.validation import validate_count
from ..errors import InvalidInputError, KlingVoicesError, VoiceCreationFailedError
from ._location import parse_location
from ._objects import object_name
from ._store import Store
from ._uploads import Uploads, batched

logger = logging.getLogger("kling_voices")

MAX_EXPIRY = 7 * 24 * 3600  # seconds; the limit of signature version 4


class Stage:
    """A location in an object store for recordings that a gateway must fetch. Use it in a `with` statement.

    Each recording is private. Only a signed URL gives access to it; the URL allows only GET, and expires. The name of
    an object is the SHA-256 of its content, so identical content is uploaded once. At the end of the `with` block, the
    stage deletes the objects that it has uploaded. It never deletes objects that existed before. It keeps its objects
    if the block ends with an error after which a gateway may still fetch them: an unknown outcome, a wait that timed
    out, or an interrupted create. `remaining` lists the kept objects.

    Wait for the voice inside the block. Otherwise, pass `keep=True` or call `release`, and `delete` the object later.

    All threads may share one stage. If two stages with the same URL are open at the same time, one may delete a
    recording that the other needs, too. Give each stage its own prefix.

    Args:
        url: `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`. Credentials, region and endpoint
            come from the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and so on,
            with `AWS_ENDPOINT_URL` for S3-compatible stores.
        expires: Seconds for which a signed URL is valid, 1 to 604800 (a week). The gateway must fetch the file before
            that.
        keep: Whether to keep all objects.

    Attributes:
        url: The URL without a trailing slash.

    Raises:
        InvalidInputError: An argument is invalid, or the extra `stage` is not installed.
    """

    def __init__(self, url: str, *, expires: int = 3600, keep: bool = False) -> None:
        validate_count("expires", expires, range(1, MAX_EXPIRY + 1))
        self._location = parse_location(url)
        self._store = Store(self._location)
        self._expires = expires
        self.url = self._location.url
        self.keep = keep
        self._uploads = Uploads()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r}, expires={self._expires}, keep={self.keep})"

    def put(self, path: str | os.PathLike[str]) -> str:
        """Upload a recording, unless its content is there already, and return a signed URL.

        Args:
            path: An .mp3, .wav, .mp4 or .mov file of at most 200 MiB. The URL's path ends in the same extension.

        Raises:
            InvalidInputError: The file cannot be read, the bucket does not exist, or the credentials are refused.
            ConnectionFailedError: The object store cannot be reached, after some retries.
        """
        return self.put_with(_call, path)

    async def aput(self, path: str | os.PathLike[str]) -> str:
        """The same as `put`, without blocking the event loop, on asyncio or trio."""
        from anyio import to_thread  # noqa: PLC0415 - slow to import, and only asynchronous callers need it

        return await to_thread.run_sync(self.put, path)

    def put_with(self, run: Callable[..., Any], path: str | os.PathLike[str]) -> str:
        """The same as `put`, but `run(function, *arguments)` calls the functions that read and upload the file.

        `run` may call them in another process or on another machine, and more than once. Before the upload, this stage
        records whether the object will belong to it. So it can delete the object even if the other process is lost.
        """
        staged, exists = run(self._store.inspect, local_path(path))
        with self._uploads.in_turn(staged.name):
            if self._uploads.claim(staged.name, exists=exists):
                try:
                    run(self._store.upload, staged)
                except BaseException as error:
                    # There is no bucket, or the credentials are refused: the object store has stored nothing.
                    self._uploads.retract(staged.name, may_exist=not isinstance(error, InvalidInputError))
                    raise
        return self._store.sign(staged.name, self._expires)

    def discard(self, url: str) -> None:
        """Delete an object now, if this stage has uploaded it and no other call of `put` has returned it.

        A deletion that fails is logged, and the object stays in `remaining`.

        Args:
            url: The URL that `put` returned.
        """
        name = object_name(url)
        if self._uploads.end_use(name) and not self.keep:
            self._delete([name])

    def release(self, url: str | None = None) -> None:
        """Keep an object, or all objects, when the stage is closed. `remaining` lists them.

        Args:
            url: The URL that `put` returned; None for all objects.
        """
        self._uploads.release(None if url is None else object_name(url))

    @property
    def remaining(self) -> tuple[str, ...]:
        """The URLs, without signature, of the objects that this stage has uploaded and not deleted.

        Delete them later with `delete`, with `kling-voices unstage`, or with a lifecycle rule of the bucket.
        """
        return tuple(f"{self.url}/{name}" for name in self._uploads.names())

    def close(self) -> None:
        """Delete what this stage has uploaded, unless it is kept. A deletion that fails is logged as a warning."""
        if not self.keep:
            self._delete(self._uploads.to_delete())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None and may_still_be_fetched(error):
            self.release()
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        from anyio import CancelScope, to_thread  # noqa: PLC0415

        with CancelScope(shield=True):
            await to_thread.run_sync(self.__exit__, kind, error, traceback)

    def _delete(self, names: Sequence[str]) -> None:
        for batch in batched(names):
            try:
                self._store.delete(batch)
            except KlingVoicesError as failure:  # never hides the result of a paid create
                logger.warning("%d objects below %s could not be deleted: %s", len(batch), self.url, failure)
            else:
                self._uploads.forget(batch)


def delete(url: str) -> None:
    """Delete one staged object, named by a URL of `Stage.remaining`.

    Raises:
        InvalidInputError: The URL is not one of a staged object, or the credentials are refused.
        ConnectionFailedError: The object store cannot be reached.
    """
    name = object_name(url)
    Store(parse_location(url.removesuffix(f"/{name}"))).delete([name])


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def may_still_be_fetched(error: BaseException) -> bool:
    """Whether a gateway may still fetch a recording after this error: the create may have been accepted.

    The gateway no longer needs it if the task has failed, or if nothing was created.
    """
    if isinstance(error, BaseExceptionGroup):
        return any(may_still_be_fetched(one) for one in error.exceptions)
    if isinstance(error, VoiceCreationFailedError):
        return False
    if isinstance(error, KlingVoicesError):
        return error.outcome != "not_created"
    return getattr(error, "external_task_id", None) is not None  # an interrupted create
