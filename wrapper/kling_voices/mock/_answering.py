"""One pure function from a request to its answer, over the mock's state and the compiled contract."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qs

from attrs import field, frozen

from ._contract import Contract, Operation
from ._messages import Reply, Request
from ._presets import PRESETS, preset_page
from ._state import State

Dialect: TypeAlias = Literal["kling", "documented"]

BODY_LIMIT = 1024 * 1024
# What it serves. A page may bring more; those a client can call, and this gateway says that it does not have them.
SERVED = frozenset(
    {"create_custom_voice", "get_custom_voice", "list_custom_voices", "list_preset_voices", "delete_custom_voice"}
)
_CREATED = ("task_id", "task_status", "task_info", "created_at", "updated_at")
_ECHOED = ("voice_name", "voice_url", "video_id", "callback_url", "external_task_id")


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_decoder = json.JSONDecoder(parse_constant=_no_constant)


class _Refused(Exception):
    """The request is refused with this status, Kling code and message."""

    def __init__(self, status: int, code: int, message: str, **headers: str) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


@frozen
class Account:
    """Whose requests are answered, and how.

    Attributes:
        api_key: The one key that is accepted.
        contract: What requests are held to.
        state: What is remembered; the only thing that changes.
        dialect: `kling` answers a create with the envelope, `documented` with the echo of the supplied example.
    """

    api_key: str = field(repr=False)
    contract: Contract
    state: State
    dialect: Dialect


def answer(account: Account, request: Request, *, now: float, request_id: str) -> Reply:
    """What a gateway that keeps the contract answers at `now`, in seconds since 1970."""
    try:
        content = _content(account, request, now)
    except _Refused as refused:
        envelope = {"code": refused.code, "message": refused.message, "request_id": request_id}
        return Reply.json(refused.status, envelope, x_request_id=request_id, **refused.headers)
    if "code" in content:
        content["request_id"] = request_id
    return Reply.json(200, content, x_request_id=request_id)


def _content(account: Account, request: Request, now: float) -> dict[str, Any]:
    found = account.contract.find(request.path)
    if found is None:
        raise _Refused(404, 1203, f"Invalid URL ({request.method} {request.path})")
    operation = found.operations.get(request.method.lower())
    if operation is None:
        allowed = ", ".join(sorted(method.upper() for method in found.operations))
        raise _Refused(405, 1202, f"the method {request.method} is invalid here", allow=allowed)
    _authorise(request, account.api_key)
    body = _read_body(request, operation) if operation.takes_body else {}
    query = _read_query(request, operation)
    match operation.operation_id:
        case "create_custom_voice":
            return _create(body, account, now)
        case "get_custom_voice":
            return _envelope(_query(found.parameters["id"], account.state, now))
        case "list_custom_voices":
            return _envelope(account.state.page(now, **query))
        case "list_preset_voices":
            return _envelope(preset_page(**query))
        case "delete_custom_voice":
            return _envelope(_delete(body["voice_id"], account.state))
        case unknown:  # a page has brought it, and nobody has taught the mock what it does
            raise _Refused(404, 1203, f"the mock gateway does not serve {unknown}")


def _authorise(request: Request, api_key: str) -> None:
    values = request.header("authorization")
    if not values or not values[0].strip():
        raise _Refused(401, 1001, "authorization is empty", www_authenticate="Bearer")
    scheme, _, key = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or key.strip() != api_key:
        raise _Refused(401, 1002, "authorization is invalid", www_authenticate="Bearer")


def _read_body(request: Request, operation: Operation) -> dict[str, Any]:
    media_types = [value.partition(";")[0].strip().lower() for value in request.header("content-type")]
    if media_types != ["application/json"]:
        raise _Refused(415, 1200, "the body must be application/json")
    if len(request.body) > BODY_LIMIT:
        raise _Refused(400, 1200, f"the body is longer than {BODY_LIMIT} bytes")
    try:
        body = _decoder.decode(request.body.decode())
        if b"\\u" in request.body:  # an escape can spell half a surrogate pair, which no answer could repeat
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise _Refused(400, 1200, "the body is not valid JSON") from None
    complaints = operation.complaints(body)
    if complaints:
        raise _Refused(400, 1201, "; ".join(complaints))
    return dict(body)


def _read_query(request: Request, operation: Operation) -> dict[str, Any]:
    """The paging of a request, as `number` and `size`, by the contract's bounds; defaults where it says nothing."""
    if not operation.query_parameters:
        return {}
    given = parse_qs(request.query, keep_blank_values=True)
    paging = {}
    for argument, name, default in (("number", "pageNum", 1), ("size", "pageSize", 30)):
        if name not in operation.query_parameters:
            continue
        text = given.get(name, [str(default)])
        value = int(text[0]) if len(text) == 1 and re.fullmatch(r"[0-9]{1,4}", text[0]) else text
        if not operation.query_parameters[name].is_valid(value):
            raise _Refused(400, 1201, f"{name} is invalid")
        paging[argument] = value
    return paging


def _create(body: dict[str, Any], account: Account, now: float) -> dict[str, Any]:
    if account.state.is_full(now) and not account.state.is_taken(body):
        raise _Refused(429, 1303, "parallel task over resource pack limit")
    task = account.state.accept(body, now)
    if task is None:
        raise _Refused(400, 1201, "external_task_id already exists")
    if account.dialect == "documented":
        return {name: body.get(name, "") for name in _ECHOED}
    described = account.state.described(task, now)
    return _envelope({name: described[name] for name in _CREATED})


def _query(either_id: str, state: State, now: float) -> dict[str, Any]:
    task = state.find(either_id)
    if task is None:
        raise _Refused(400, 1201, f"task not found: {either_id}")
    return state.described(task, now)


def _delete(voice_id: str, state: State) -> dict[str, Any]:
    if any(voice_id == preset.voice_id for preset in PRESETS):
        raise _Refused(403, 1103, "a preset cannot be deleted")
    if not state.delete(voice_id):
        raise _Refused(400, 1201, f"voice not found: {voice_id}")
    return {"task_id": voice_id, "task_status": "succeed"}


def _envelope(data: Any) -> dict[str, Any]:
    return {"code": 0, "message": "SUCCEED", "request_id": "", "data": data}
