"""Parsing tasks, voices and charges from successful responses.

Three forms are understood: Kling's older task object (V), its newer one (V), and an echo of the request, as in the
supplied example (S). A value of an unexpected type becomes None and stays available in `raw`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from ..models import Charge, Voice, VoiceTask
from .redaction import redact, url_secrets
from .responses import Success, unexpected

Value = TypeVar("Value")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_task(success: Success, sent: Mapping[str, Any] | None = None) -> VoiceTask:
    """The task of a response. `sent` contains the fields of the request, which replace missing fields of the response.

    Raises UnexpectedResponseError if the data is not a task.
    """
    if not isinstance(success.data, dict):
        raise unexpected(success, "the data is not an object, so it is not a task")
    task = task_from_data(
        success.data, raw=success.raw, request_id=success.request_id, sent=sent, secrets=success.secrets
    )
    if not (task.task_id or _is_echo(success.data, sent or {})):
        raise unexpected(success, "the data has neither a task id nor the fields of the request, so it is not a task")
    return task


def _is_echo(data: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether the data repeats the fields of a create instead of naming its task (S)."""
    if isinstance(data.get("voice_name"), str):
        return True
    return bool(sent.get("external_task_id")) and data.get("external_task_id") == sent["external_task_id"]


def parse_tasks(success: Success) -> tuple[VoiceTask, ...]:
    """The tasks of a page. The `raw` of each is its own part of the response."""
    return tuple(
        task_from_data(item, raw=item, request_id=success.request_id, secrets=success.secrets)
        for item in _items(success)
    )


def parse_voices(success: Success) -> tuple[Voice, ...]:
    """The voices of all tasks of a page."""
    return tuple(voice for task in parse_tasks(success) for voice in task.voices)


def task_from_data(
    data: Mapping[str, Any],
    *,
    raw: Any,
    request_id: str | None = None,
    sent: Mapping[str, Any] | None = None,
    secrets: Iterable[str] = (),
) -> VoiceTask:
    """The task that an object describes; `sent` as for `parse_task`. An empty string means absent (T).

    The message of its status has no `secrets`, and no signed parts of the URLs that were sent.
    """
    ids = {**data, "task_info": _object(data, "task_info").get("external_task_id")}
    known = {name: value for name, value in (sent or {}).items() if value}
    message = _first(_text, data, "task_status_msg", "message")
    return VoiceTask(
        task_id=_first(_identifier, data, "task_id", "id"),
        status=_first(_text, data, "task_status", "status"),
        status_message=message and redact(message, (*secrets, *url_secrets(known))),
        external_task_id=_first(_identifier, ids, "task_info", "external_task_id", "external_id")
        or known.get("external_task_id"),
        voices=(*_voices(data), *_outputs(data)),
        created_at=_first(_time, data, "created_at", "create_time"),
        updated_at=_first(_time, data, "updated_at", "update_time"),
        request_id=request_id,
        voice_name=_first(_text, data, "voice_name") or known.get("voice_name"),
        voice_url=_first(_text, data, "voice_url") or known.get("voice_url"),
        video_id=_first(_identifier, data, "video_id") or known.get("video_id"),
        callback_url=_first(_text, data, "callback_url") or known.get("callback_url"),
        charges=(*_deductions(data), *_billing(data)),
        raw=raw,
    )


def _first(parse: Callable[[object], Value | None], data: Mapping[str, Any], *names: str) -> Value | None:
    """The first field that has a usable value: the older task object and the newer one name most fields differently."""
    for name in names:
        if name in data and (value := parse(data[name])) is not None:
            return value
    return None


def _voices(data: Mapping[str, Any]) -> Iterator[Voice]:
    """The voices of the older task object: `task_result.voices`."""
    for voice in _objects(_object(data, "task_result"), "voices"):
        yield Voice(
            voice_id=_identifier(voice.get("voice_id")),
            voice_name=_text(voice.get("voice_name")),
            trial_url=_text(voice.get("trial_url")),
            owned_by=_identifier(voice.get("owned_by")),
            raw=voice,
        )


def _outputs(data: Mapping[str, Any]) -> Iterator[Voice]:
    """The voices of the newer task object: the voices in `outputs` that are not deleted."""
    for output in _objects(data, "outputs"):
        if output.get("type") == "voice" and output.get("status") != "deleted":
            yield Voice(
                voice_id=_identifier(output.get("id")),
                voice_name=_text(output.get("name")),
                trial_url=_text(output.get("url")),
                owned_by=_identifier(output.get("owned_by")),
                raw=output,
            )


def _deductions(data: Mapping[str, Any]) -> Iterator[Charge]:
    """The charges of the older task object; it does not name the currency of a balance deduction."""
    units = _amount(data.get("final_unit_deduction"))
    if units is not None:
        yield Charge(units, "units")
    balance = _object(data, "final_balance_deduction")
    quota = _amount(balance.get("quota"))
    if quota is not None:
        yield Charge(quota, None, _amount(balance.get("list_price")))


def _billing(data: Mapping[str, Any]) -> Iterator[Charge]:
    """The charges of the newer task object: `billing`."""
    for item in _objects(data, "billing"):
        amount = _amount(item.get("amount"))
        if amount is not None:
            unit = "units" if item.get("charge_type") == "unit" else _text(item.get("currency"))
            yield Charge(amount, unit, _amount(item.get("list_price")))


def _items(success: Success) -> list[dict[str, Any]]:
    if not isinstance(success.data, list) or not all(isinstance(item, dict) for item in success.data):
        raise unexpected(success, "the data is not a list of objects, so it is not a page of tasks")
    return success.data


def _object(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _objects(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = data.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _identifier(value: object) -> str | None:
    # A Python integer of any size is exact. A float has already lost digits, so it is not an id.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _time(value: object) -> datetime | None:
    """A time from Unix milliseconds (V)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):  # after the year 9999, or not a number
        return None
