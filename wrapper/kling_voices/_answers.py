"""What an answer means: one pure function from status, headers and bytes to the envelope's data, or an error."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

from ._codes import KLING_CODES, error_class
from ._secrets import conceal
from .errors import APIError, UnexpectedResponseError

# A longer body is not read to its end. The longest that the contract foresees, a list of 1,000 tasks, has about 1 MiB.
BODY_LIMIT = 10 * 1024 * 1024

_NODES_SEARCHED = 10_000
_MESSAGE_LENGTH = 500
_SHORT = 100  # characters of a code or a request id
_REQUEST_ID_IN_MESSAGE = re.compile(r"\(request id: ([^\s)]+)\)", re.IGNORECASE)
_REQUEST_ID_HEADERS = ("x-request-id", "x-oneapi-request-id", "x-new-api-request-id", "request-id")

Value = TypeVar("Value", int | str | None, str | None)


class Answer(NamedTuple):
    """What came over the wire, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    flaw: str | None = None  # why the body could not be read: over the limit, bad compression


class Success(NamedTuple):
    """An answer that means success."""

    data: Any
    raw: Any
    request_id: str | None
    status: int


class _Unreadable(Exception):
    """Not the JSON that one can rely on; the message completes the sentence "the body …"."""


def interpret(answer: Answer, *, querying_one: bool = False, secrets: Iterable[str] = (), now: float = 0.0) -> Success:
    """The data of a successful answer.

    Success is a 2xx status with Kling's envelope and its code 0 (V), or with an object that has neither code nor error:
    the echo of the supplied example (S). Everything else raises an APIError; no other exception leaves this function.

    Args:
        answer: What came.
        querying_one: Whether one task was asked for, where 1201 means that it does not exist (L).
        secrets: Texts that must not appear in an error's message.
        now: Seconds since 1970, against which a `Retry-After` date is read.
    """

    def error(body: Any, complaint: str = "") -> APIError:
        code = _concealed(_find_code(body), secrets)
        return error_class(answer.status, code, querying_one=querying_one)(
            conceal(complaint or next(messages(body), ""), secrets)[:_MESSAGE_LENGTH],
            status_code=answer.status,
            code=code,
            request_id=_concealed(_request_id(body, answer.headers), secrets),
            body=body,
            retry_after=_retry_after(answer.headers.get("retry-after"), now),
        )

    try:
        if answer.flaw:
            raise _Unreadable(answer.flaw)
        raw = _decode(answer.body)
    except _Unreadable as unreadable:
        raise error(_as_text(answer.body), str(unreadable)) from None
    if not 200 <= answer.status < 300:
        raise error(raw)
    if not isinstance(raw, dict):
        raise error(raw, f"the body is a JSON {_kind(raw)}, not an object")
    if "code" in raw:
        if not _is_zero(raw["code"]):
            raise error(raw)
        if raw.get("data") is None:
            raise error(raw, "the envelope says success but holds no data")
        return Success(raw["data"], raw, _request_id(raw, answer.headers), answer.status)
    if raw.get("error") or _find_kling_code(raw) is not None:
        raise error(raw)
    return Success(raw, raw, _request_id(raw, answer.headers), answer.status)


def unexpected(success: Success, complaint: str) -> UnexpectedResponseError:
    """The error for an answer whose envelope is good but whose data is not what the operation returns."""
    return UnexpectedResponseError(
        complaint, status_code=success.status, request_id=success.request_id, body=success.raw
    )


# ---------------------------------------------------------------------------------------------------- bytes to JSON


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Unreadable("the body is JSON that names a key twice")
    return members


def _no_constant(name: str) -> Any:
    raise _Unreadable(f"the body is JSON with {name}, which JSON does not have")


_BYTE_ORDER_MARK = "\ufeff"  # some servers write one; "utf-8-sig" takes it away, too, in ten times the time
_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def _decode(body: bytes) -> Any:
    if not body.strip():
        raise _Unreadable("the body is empty")
    try:
        return _decoder.decode(body.decode().removeprefix(_BYTE_ORDER_MARK))
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


# ------------------------------------------------------------------------------------------- looking into error bodies


def _objects(body: Any) -> Iterator[dict[str, Any]]:
    """Every object of a decoded body, the outer ones first. Bounded, and without recursion."""
    waiting = deque([body])
    for _ in range(_NODES_SEARCHED):
        if not waiting:
            return
        node = waiting.popleft()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _find_code(body: Any) -> int | str | None:
    """Kling's code at any depth, else the outermost code there is."""
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


def _concealed(value: Value, secrets: Iterable[str]) -> Value:
    return conceal(value, secrets)[:_SHORT] if isinstance(value, str) else value


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
    """Everything that a body says in words, the outer first."""
    for node in _objects(body):
        for name in ("message", "msg", "error", "detail"):
            value = node.get(name)
            if isinstance(value, str) and value.strip():
                yield " ".join(value.split())


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
    """Seconds to wait, from either form of the header: seconds, or an HTTP date."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) <= 10:
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
