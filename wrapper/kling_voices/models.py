"""The results of calls: tasks, voices and charges."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from ._protocol.redaction import repr_text, repr_url

# Kling's older envelope says `succeed`, its newer one `succeeded` (V). Clients of similar gateways also meet `success`,
# `completed` and `SUCCESS` (G), so case is ignored.
SUCCESS_STATUSES = frozenset({"succeed", "succeeded", "success", "completed"})
FAILURE_STATUSES = frozenset({"failed"})


@frozen
class Voice:
    """A custom voice, or one of Kling's presets.

    Attributes:
        voice_id: The id to use in `voice_list` of a text2video or image2video task of V2.6 or later with
            `"sound": "on"`; the prompt then refers to it as `<<<voice_1>>>` (V). Kling's text-to-speech and lip-sync do
            not accept custom voices (V). A string of decimal digits; the number is above 2^53 (V).
        voice_name: 1 to 20 characters (V).
        trial_url: An audio sample. How long the URL works is unknown (?).
        owned_by: `kling` for presets, else the creator's number (V).
        raw: The unmodified voice object of the response.
    """

    voice_id: str | None = None
    voice_name: str | None = None
    trial_url: str | None = field(default=None, repr=repr_url)
    owned_by: str | None = None
    raw: dict[str, Any] = field(factory=dict, repr=False)


@frozen
class Charge:
    """An amount that a task was charged (V).

    Attributes:
        amount: The amount, exact.
        unit: `"units"` of a resource pack, or a currency such as `"CNY"` or `"USD"`. None if the gateway does not name
            the currency.
        list_price: The price before discounts, in the same unit; None if the gateway does not state it.
    """

    amount: Decimal
    unit: str | None = None
    list_price: Decimal | None = None


@frozen
class VoiceTask:
    """A task that creates a voice, as the gateway last described it. Every field except `raw` may be None or empty.

    Attributes:
        task_id: Kling's id. None if a gateway echoes the request instead; wait by the external task id then.
        status: `submitted`, `processing`, `succeed` or `failed` (V), or any other word the gateway uses, unchanged.
        status_message: Why the task failed (V), without keys and the signed parts of URLs.
        external_task_id: The caller's id. Every create sends one.
        voices: The created voices; empty until the task has succeeded. Deleted voices are only in `raw`.
        created_at: Time of creation, timezone-aware UTC.
        updated_at: Time of the last change, timezone-aware UTC.
        request_id: The gateway's id of the response.
        voice_name: The requested name.
        voice_url: The requested audio. The repr omits the signed part of the URL.
        video_id: The requested video.
        callback_url: The requested callback address. The repr omits the signed part of the URL.
        charges: What the task was charged, if the gateway says so.
        raw: The unmodified response.
    """

    task_id: str | None = None
    status: str | None = None
    status_message: str | None = field(default=None, repr=repr_text)
    external_task_id: str | None = None
    voices: tuple[Voice, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    request_id: str | None = None
    voice_name: str | None = None
    voice_url: str | None = field(default=None, repr=repr_url)
    video_id: str | None = None
    callback_url: str | None = field(default=None, repr=repr_url)
    charges: tuple[Charge, ...] = ()
    raw: Any = field(factory=dict, repr=False)

    @property
    def voice(self) -> Voice | None:
        """The first voice; None if there is none yet."""
        return self.voices[0] if self.voices else None

    @property
    def succeeded(self) -> bool:
        """Whether the task has succeeded."""
        return self.status is not None and self.status.lower() in SUCCESS_STATUSES

    @property
    def failed(self) -> bool:
        """Whether the task has failed."""
        return self.status is not None and self.status.lower() in FAILURE_STATUSES

    @property
    def query_id(self) -> str | None:
        """The id to query the task by: the task id, else the external task id."""
        return self.task_id or self.external_task_id
