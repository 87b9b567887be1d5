"""What the gateway's answers become: tasks and voices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import field, frozen

from ._secrets import shown_text, shown_url

SUCCEEDED = "succeed"
FAILED = "failed"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Voice:
    """A voice that speech can be made with.

    Attributes:
        voice_id: What the speech operations take. Decimal digits, always a string: it is above 2^53 (V).
        voice_name: 1 to 20 characters (V).
        trial_url: A sample to listen to. How long it lasts is unknown (?).
        owned_by: `kling` for presets, else the creator's number (V).
        raw: The voice as it came, so that nothing is lost.
    """

    voice_id: str | None = None
    voice_name: str | None = None
    trial_url: str | None = field(default=None, repr=shown_url)
    owned_by: str | None = None
    raw: dict[str, Any] = field(factory=dict, repr=False)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Voice:
        """Read a member of `task_result.voices`; what has another type than it should is None, and kept in `raw`."""
        return cls(
            _identifier(data.get("voice_id")),
            _text(data.get("voice_name")),
            _text(data.get("trial_url")),
            _identifier(data.get("owned_by")),
            data,
        )


@frozen
class VoiceTask:
    """The making of a voice, as the gateway last described it. Every field but `raw` may be None.

    Attributes:
        task_id: Kling's id. None where a gateway answers with an echo of the request: wait by the external id then.
        status: `submitted`, `processing`, `succeed`, `failed` (V), or whatever else the gateway says, as it is.
        status_message: Why the task failed (V).
        external_task_id: The caller's id; every create carries one.
        voices: What was made; empty until the task has succeeded.
        created_at: Aware, UTC; milliseconds on the wire (V).
        updated_at: The same.
        request_id: The gateway's name for the exchange that told this.
        voice_name: As asked for; the echo has it, and a create fills it in.
        voice_url: The same. The signed part is not shown in the repr.
        video_id: The same.
        callback_url: The same.
        raw: The answer as it came, so that nothing is lost.
    """

    task_id: str | None = None
    status: str | None = None
    status_message: str | None = field(default=None, repr=shown_text)
    external_task_id: str | None = None
    voices: tuple[Voice, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    request_id: str | None = None
    voice_name: str | None = None
    voice_url: str | None = field(default=None, repr=shown_url)
    video_id: str | None = None
    callback_url: str | None = field(default=None, repr=shown_url)
    raw: Any = field(factory=dict, repr=False)

    @property
    def voice(self) -> Voice | None:
        """The first voice, or None while there is none."""
        return self.voices[0] if self.voices else None

    @property
    def succeeded(self) -> bool:
        """Whether the task has ended well."""
        return self.status == SUCCEEDED

    @property
    def failed(self) -> bool:
        """Whether the task has ended without a voice."""
        return self.status == FAILED

    @property
    def query_id(self) -> str | None:
        """The id to ask the gateway by: the task's, else the external one."""
        return self.task_id or self.external_task_id

    @classmethod
    def from_data(
        cls, data: dict[str, Any], *, raw: Any, request_id: str | None = None, sent: dict[str, Any] | None = None
    ) -> VoiceTask:
        """Read the `data` of an envelope, or an echo; `sent` fills in what the answer to a create does not repeat.

        What has another type than it should is None, and kept in `raw`. An empty string means absent (T).
        """
        info, voices = _member(data, "task_info"), _member(data, "task_result").get("voices")
        known = sent or {}
        return cls(
            _identifier(data.get("task_id")),
            _text(data.get("task_status")),
            _text(data.get("task_status_msg")),
            _identifier(info.get("external_task_id"))
            or _identifier(data.get("external_task_id"))
            or known.get("external_task_id"),
            tuple(Voice.from_data(voice) for voice in voices if isinstance(voice, dict))
            if isinstance(voices, list)
            else (),
            _moment(data.get("created_at")),
            _moment(data.get("updated_at")),
            request_id,
            _text(data.get("voice_name")) or known.get("voice_name"),
            _text(data.get("voice_url")) or known.get("voice_url"),
            _identifier(data.get("video_id")) or known.get("video_id"),
            _text(data.get("callback_url")) or known.get("callback_url"),
            raw,
        )


def _member(data: dict[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _identifier(value: object) -> str | None:
    # An integer is exact in Python whatever its size; a float has already lost digits, so it is no id.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):  # a moment beyond the year 9999, or no number
        return None
