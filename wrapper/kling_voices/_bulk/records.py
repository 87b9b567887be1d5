"""Tasks and errors as JSON texts for the ledger, without keys and the signed parts of URLs, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from .. import errors
from .._protocol.redaction import redact, url_secrets
from ..errors import APIError, KlingVoicesError, VoiceCreationFailedError
from ..models import Charge, Voice, VoiceTask

_API_FIELDS = ("status_code", "code", "request_id", "retry_after")


def task_to_json(task: VoiceTask, api_key: str) -> str:
    """A task as JSON text. All texts are redacted, those of `raw` included."""
    secrets = (api_key, *url_secrets((task.voice_url, task.callback_url)))
    fields = attrs.asdict(task)
    fields["charges"] = [
        {name: None if value is None else str(value) for name, value in charge.items()} for charge in fields["charges"]
    ]
    for name in ("created_at", "updated_at"):
        fields[name] = fields[name].isoformat() if fields[name] else None
    return json.dumps(_redacted(fields, secrets), ensure_ascii=False)


def task_from_json(text: str | None) -> VoiceTask | None:
    """The task that `task_to_json` has written."""
    if not text:
        return None
    fields: dict[str, Any] = json.loads(text)
    fields["voices"] = tuple(Voice(**voice) for voice in fields["voices"])
    fields["charges"] = tuple(
        Charge(
            Decimal(charge["amount"]), charge["unit"], Decimal(charge["list_price"]) if charge["list_price"] else None
        )
        for charge in fields["charges"]
    )
    for name in ("created_at", "updated_at"):
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    return VoiceTask(**fields)


def error_to_json(error: KlingVoicesError) -> str:
    """An error as JSON text: its class, its message and what identifies the response, but not the response's body."""
    fields: dict[str, Any] = {"type": type(error).__name__, "outcome": error.outcome}
    if isinstance(error, APIError):
        fields |= {"message": error.message, **{name: getattr(error, name) for name in _API_FIELDS}}
    else:
        fields |= {"message": error.args[0], "advice": error.advice}
    return json.dumps(_redacted(fields), ensure_ascii=False)


def error_from_json(text: str | None, external_task_id: str, task: VoiceTask | None) -> KlingVoicesError | None:
    """The error that `error_to_json` has written; its `body` is None."""
    if not text:
        return None
    fields: dict[str, Any] = json.loads(text)
    kind: type[KlingVoicesError] = getattr(errors, fields.pop("type"), KlingVoicesError)
    message = fields.pop("message")
    if issubclass(kind, VoiceCreationFailedError):
        return VoiceCreationFailedError(message, task=task or VoiceTask(external_task_id=external_task_id))
    if issubclass(kind, APIError):
        return kind(message, **fields, external_task_id=external_task_id)
    if not issubclass(kind, (errors.InvalidInputError, errors.OutcomeUnknownError)):
        kind = KlingVoicesError
    return kind(message, **fields, external_task_id=external_task_id)


def _redacted(value: Any, secrets: tuple[str, ...] = ()) -> Any:
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, Mapping):
        return {redact(str(name), secrets): _redacted(item, secrets) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redacted(item, secrets) for item in value]
    return value
