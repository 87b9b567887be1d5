"""What a batch takes and gives: requests, results and progress."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias, get_args

from attrs import field, frozen

from .._flows import validation
from .._protocol.redaction import repr_url
from ..errors import InvalidInputError, KlingVoicesError
from ..models import VoiceTask

ResultState: TypeAlias = Literal["succeeded", "failed", "refused", "unknown", "skipped"]
Parallel: TypeAlias = int | Literal["auto"]
RESULT_STATES: tuple[ResultState, ...] = get_args(ResultState)


class Uploader(Protocol):
    """Uploads recordings, such as `kling_voices.staging.Stage`."""

    def put(self, path: Path, /) -> str:
        """Upload a file and return a URL from which the gateway can fetch it. Called from several threads."""


def _to_path(path: str | os.PathLike[str] | None) -> Path | None:
    if path is None or path == "":
        return None
    try:
        return Path(path)
    except TypeError:
        raise InvalidInputError(f"voice_file is of type {type(path).__name__}; pass a path") from None


@frozen
class VoiceRequest:
    """One voice to create. The arguments are checked here, so an invalid request cannot be part of a batch.

    Attributes:
        voice_name: 1 to 20 characters (V).
        voice_url: The public address of the audio (S). Exactly one of `voice_url`, `video_id` and `voice_file` is
            needed; an empty string counts as absent (T).
        video_id: The id of a Kling video to take the voice from (S).
        voice_file: A local recording. It is checked and uploaded before the create is sent; `create_many` needs
            `stage`.
        callback_url: An address that the gateway notifies of changes (S).
        external_task_id: Your own id, unique within the account (V). None: an id that is derived from the gateway, the
            name, the source and `key`, so that the same request always has the same id.
        key: Any text that distinguishes requests which are otherwise identical. Identical requests are one voice.
        extra_body: Additional fields of the request.

    Raises:
        InvalidInputError: A field is invalid.
    """

    voice_name: str
    voice_url: str | None = field(default=None, kw_only=True, repr=repr_url)
    video_id: str | None = field(default=None, kw_only=True)
    voice_file: Path | None = field(default=None, kw_only=True, converter=_to_path)
    callback_url: str | None = field(default=None, kw_only=True, repr=repr_url)
    external_task_id: str | None = field(default=None, kw_only=True)
    key: str | None = field(default=None, kw_only=True)
    extra_body: Mapping[str, Any] | None = field(default=None, kw_only=True, hash=False, repr=False)

    def __attrs_post_init__(self) -> None:
        validation.validate_voice_name(self.voice_name)
        if self.voice_file is None:
            validation.validate_source(self.voice_url, self.video_id, file_allowed=True)
        elif self.voice_url or self.video_id:
            raise InvalidInputError("voice_file and another source are both given; leave one of them out")
        validation.validate_callback_url(self.callback_url)
        validation.validate_external_task_id(self.external_task_id)
        validation.validate_extra_body(self.extra_body)
        if self.key is not None:
            validation.validate_text("key", self.key)


@frozen
class VoiceResult:
    """What became of one request.

    Attributes:
        request: The request.
        state: `succeeded`: the voice exists. `failed`: the task has failed. `refused`: nothing was created, because the
            gateway rejected the create or the recording. `unknown`: the create may have been accepted, or its task has
            not finished in time; `error` says which. `skipped`: not sent, because the batch had to stop or
            `max_creates` was reached.
        task: The task as last seen; None if there is none.
        error: Why the state is not `succeeded`; None for a request that is skipped because of `max_creates`.
    """

    request: VoiceRequest
    state: ResultState
    task: VoiceTask | None = None
    error: KlingVoicesError | None = None


@frozen
class BatchProgress:
    """How far a batch is.

    `on_progress` of `create_many` gets one whenever something has changed, and every ten seconds.

    Attributes:
        results: How many results there are, by state. Results of an earlier run of the same ledger count, too.
        running: Tasks of this batch that run now; each holds a slot of the account (V).
        limit: How many tasks may run at the same time, as far as is known.
        sent: Creates that were accepted, or may have been accepted, in this run.
        refusals: Creates that were refused in this run because too many tasks were running (1302, 1303); they are sent
            again.
    """

    results: Mapping[ResultState, int]
    running: int
    limit: int
    sent: int
    refusals: int

    @property
    def done(self) -> int:
        """The number of results."""
        return sum(self.results.values())
