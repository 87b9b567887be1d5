"""Reading a callback: its signature, and the task that its body describes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from .._flows.validation import validate_id
from .._protocol.responses import RawResponse, parse
from .._protocol.tasks import task_from_data
from ..clock import Clock, SystemClock
from ..errors import APIError, CallbackError, InvalidInputError
from ..models import VoiceTask
from ._headers import ID, CallbackHeaders, webhook_headers
from ._signatures import SignatureVerifier

BODY_LIMIT = 2**20  # bytes; a task has about 1 KiB
_MAX_ID_LENGTH = 512  # characters
_MAX_NESTING = 3  # envelopes in envelopes (G)


@frozen
class Callback:
    """The content of a callback. Query the task before you act on it, because anyone can send a callback.

    Attributes:
        task: The task as the body describes it. Gateways may remove its voices (G).
        id: The `webhook-id`, the same for each delivery of one callback (V); None if the callback has none.
        verified: Whether a signature was verified. False means that no secret was given.
    """

    task: VoiceTask
    id: str | None
    verified: bool


def read(
    body: bytes | str, headers: CallbackHeaders, *, secret: str | None = None, clock: Clock | None = None
) -> Callback:
    """Read a callback, and verify its signature if there is a secret.

    Both forms of Kling's callbacks are supported (V): the task object of a query, alone or in its envelope, and the
    newer one with `id`, `status` and `outputs`. It is unverified whether gateways send callbacks for voices (?).

    Args:
        body: The body as it was received. If the body is parsed and serialized again, the signature no longer matches.
        headers: A mapping, or pairs of names and values, as strings or bytes. Case is ignored.
        secret: The signing secret of the Kling account, with or without `whsec_` (V). Only the owner of that account
            can create one, so a customer of a gateway may have none.
        clock: The clock that is compared with the time of the signature, for tests. None: the clock of the operating
            system.

    Raises:
        CallbackError: The body does not describe a task; or, with a secret, the signature is missing, wrong, or more
            than five minutes old (V).
        InvalidInputError: An argument is invalid, or the secret is given and the extra `callbacks` is not installed.
    """
    content = _bytes(body)
    signed = webhook_headers(headers)
    if secret is not None:
        SignatureVerifier(secret).verify(content, signed, now=(clock or SystemClock()).time())
    return read_unverified(content, signed, is_verified=secret is not None)


def read_unverified(body: bytes, headers: dict[str, str], *, is_verified: bool = False) -> Callback:
    """Read a callback without checking its signature. `headers` is the result of `webhook_headers`.

    Raises CallbackError if the body does not describe a task.
    """
    raw = _decode(body)
    tasks = (task_from_data(data, raw=raw, request_id=_request_id(raw)) for data in _innermost_first(raw))
    task = next((task for task in tasks if task.query_id), None)
    if task is None:
        raise CallbackError("the body of the callback has neither a task id nor an external task id")
    for name, value in (("the task id", task.task_id), ("the external task id", task.external_task_id)):
        _validate_id(name, value)
    return Callback(task, headers.get(ID) or None, is_verified)


def _decode(body: bytes) -> dict[str, Any]:
    if len(body) > BODY_LIMIT:
        raise CallbackError(f"the body of the callback is longer than {BODY_LIMIT // 2**20} MiB")
    try:
        raw = parse(RawResponse(200, {}, body)).raw
    except APIError as error:  # a task that failed may stand in an envelope that reports an error
        if not isinstance(error.body, dict):
            raise CallbackError(f"the callback cannot be read: {error.message}") from None
        raw = error.body
    return dict(raw)


def _innermost_first(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    objects = [raw]
    while len(objects) <= _MAX_NESTING and isinstance(objects[-1].get("data"), dict):
        objects.append(objects[-1]["data"])
    yield from reversed(objects)


def _request_id(raw: dict[str, Any]) -> str | None:
    value = raw.get("request_id")
    return value if isinstance(value, str) and value else None


def _validate_id(name: str, value: str | None) -> None:
    if value is None:
        return
    try:
        validate_id(name, value)
    except InvalidInputError as error:
        raise CallbackError(f"the callback cannot be read: {error}") from None
    if len(value) > _MAX_ID_LENGTH:
        raise CallbackError(f"{name} in the callback has more than {_MAX_ID_LENGTH} characters")


def _bytes(body: bytes | str) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")  # such a body is refused as not UTF-8
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise InvalidInputError(f"body is of type {type(body).__name__}; pass the bytes that were received")
    return bytes(body)
