"""Parsing responses: one pure function from status, headers and body to the envelope's data, or an error."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

from ..errors import APIError, UnexpectedResponseError
from .error_codes import KLING_CODES, error_class
from .redaction import redact

# Bytes of a response body that are read at most. The largest expected response, a list of 1,000 tasks, has about 1 MiB.
BODY_LIMIT = 10 * 1024 * 1024

_MAX_NODES = 10_000  # JSON values that are searched for a code or a message
_MAX_MESSAGE_LENGTH = 500  # characters
_MAX_ID_LENGTH = 100  # characters of a code or a request id
_REQUEST_ID_IN_MESSAGE = re.compile(r"\(request id: ([^\s)]+)\)", re.IGNORECASE)
_REQUEST_ID_HEADERS = ("x-request-id", "x-oneapi-request-id", "x-new-api-request-id", "request-id")

Value = TypeVar("Value", int | str | None, str | None)


class RawResponse(NamedTuple):
    """A response as it was received."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    body_error: str | None = None  # why the body could not be read: over the limit, bad compression


class Success(NamedTuple):
    """A response that means success."""

    data: Any
    raw: Any
    request_id: str | None
    status: int
    secrets: Iterable[str] = ()  # texts of the request that must not appear in a message


class _Unreadable(Exception):
    """The body is not valid JSON; the message says why."""


def parse(
    response: RawResponse, *, is_task_query: bool = False, secrets: Iterable[str] = (), now: float = 0.0
) -> Success:
    """The data of a successful response.

    Success is a 2xx status with Kling's envelope and code 0 (V), or with an object that has neither a code nor an
    error, such as the echo of the supplied example (S).

    Args:
        response: The response as it was received.
        is_task_query: Whether one task was queried; 1201 then means that the task does not exist (L).
        secrets: Texts that must not appear in the message of an error.
        now: Seconds since 1970, to evaluate a `Retry-After` date.

    Raises:
        APIError: For every other response. No other exception is raised.
    """

    def error(body: Any, message: str = "") -> APIError:
        code = _redacted(_find_code(body), secrets)
        return error_class(response.status, code, is_task_query=is_task_query)(
            redact(message or next(messages(body), ""), secrets)[:_MAX_MESSAGE_LENGTH],
            status_code=response.status,
            code=code,
            request_id=_redacted(_request_id(body, response.headers), secrets),
            body=body,
            retry_after=_retry_after(response.headers.get("retry-after"), now),
        )

    try:
        if response.body_error:
            raise _Unreadable(response.body_error)
        raw = _decode(response.body)
    except _Unreadable as unreadable:
        raise error(_as_text(response.body), str(unreadable)) from None
    if not 200 <= response.status < 300:
        raise error(raw)
    if not isinstance(raw, dict):
        raise error(raw, f"the body is a JSON {_kind(raw)}, not an object")
    if "code" in raw:
        if not _is_zero(raw["code"]):
            raise error(raw)
        if raw.get("data") is None:
            raise error(raw, "the envelope reports success but has no data")
    elif raw.get("error") or _find_kling_code(raw) is not None:
        raise error(raw)
    return Success(data_of(raw), raw, _request_id(raw, response.headers), response.status, secrets)


def data_of(raw: Any) -> Any:
    """The data of a successful response: that of the envelope, or everything if there is no envelope."""
    return raw["data"] if "code" in raw else raw


def unexpected(success: Success, message: str) -> UnexpectedResponseError:
    """The error for a response whose envelope is valid but whose data is not what the operation returns."""
    return UnexpectedResponseError(message, status_code=success.status, request_id=success.request_id, body=success.raw)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Unreadable("the body is JSON with a duplicate key")
    return members


def _no_constant(name: str) -> Any:
    raise _Unreadable(f"the body is JSON with {name}, which is not a JSON value")


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BYTE_ORDER_MARK = "\ufeff"  # some servers send one
_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def _decode(body: bytes) -> Any:
    if not body.strip():
        raise _Unreadable("the body is empty")
    try:
        value = _decoder.decode(body.decode().removeprefix(_BYTE_ORDER_MARK))
        if not _SURROGATE.search(body):
            return value
        # An unpaired surrogate, such as half of a cut emoji, is no text: it cannot be stored, sent or printed.
        return _decoder.decode(json.dumps(value, ensure_ascii=False).encode(errors="replace").decode())
    except UnicodeDecodeError:
        raise _Unreadable("the body is not UTF-8") from None
    except RecursionError:
        raise _Unreadable("the body is JSON nested too deeply") from None
    except ValueError:
        kind = "HTML" if body.lstrip()[:1] == b"<" else "not JSON"
        raise _Unreadable(f"the body is {kind}") from None


def _as_text(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _kind(value: Any) -> str:
    names = {list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def _objects(body: Any) -> Iterator[dict[str, Any]]:
    """Every object of a decoded body, outer objects first. Bounded, and without recursion."""
    queue = deque([body])
    for _ in range(_MAX_NODES):
        if not queue:
            return
        node = queue.popleft()
        if isinstance(node, dict):
            yield node
            queue.extend(node.values())
        elif isinstance(node, list):
            queue.extend(node)


def _find_code(body: Any) -> int | str | None:
    """Kling's code at any depth, else the outermost code."""
    found = _find_kling_code(body)
    if found is not None:
        return found
    for node in _objects(body):
        code = node.get("code")
        if isinstance(code, bool) or _is_zero(code):
            continue
        if isinstance(code, int) or (isinstance(code, str) and code):
            return code
    return None


def _redacted(value: Value, secrets: Iterable[str]) -> Value:
    return redact(value, secrets)[:_MAX_ID_LENGTH] if isinstance(value, str) else value


def _find_kling_code(body: Any) -> int | None:
    for node in _objects(body):
        code = node.get("code")
        if isinstance(code, str) and len(code) == 4 and code.isascii() and code.isdigit():
            code = int(code)
        if isinstance(code, int) and code in KLING_CODES:
            return code
    return None


def _is_zero(code: Any) -> bool:
    return code in (0, "0") and not isinstance(code, bool)  # 0.0 is an integer to JSON Schema


def messages(body: Any) -> Iterator[str]:
    """The messages in a body, outer messages first."""
    for node in _objects(body):
        for name in ("message", "msg", "error", "detail"):
            value = node.get(name)
            if isinstance(value, str) and value.strip():
                yield " ".join(value.split())


def names_a_task(body: Any, *, with_success_status: bool) -> bool:
    """Whether a body names a task at any depth; with a success status, an echo of the request counts, too (S)."""
    names = ("task_id", "external_task_id", "external_id") if with_success_status else ("task_id",)
    return any(node.get(name) for node in _objects(body) for name in names)


def _request_id(body: Any, headers: Mapping[str, str]) -> str | None:
    for node in _objects(body):
        value = node.get("request_id")
        if isinstance(value, str) and value:
            return value
    named = _REQUEST_ID_IN_MESSAGE.search(next(messages(body), ""))
    if named:
        return named[1]
    return next((headers[name] for name in _REQUEST_ID_HEADERS if headers.get(name)), None)


def _retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait, from either form of the header: a number of seconds or an HTTP date."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) <= 10:
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
