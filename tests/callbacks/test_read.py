"""Reading a callback: both bodies, signatures, and what is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from kling_voices import CallbackError, InvalidInputError
from kling_voices.callbacks import read
from kling_voices.mock import VirtualClock

from .support import SECRET, older, sign

VECTOR_BODY = (
    b'{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}'
)
VECTOR_TIME = 1781080794
VECTOR_HEADERS = {
    "webhook-id": "9876543210",
    "webhook-timestamp": str(VECTOR_TIME),
    "webhook-signature": "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=",
}


def _verify(
    headers: Any = VECTOR_HEADERS, body: bytes = VECTOR_BODY, *, secret: str = SECRET, now: float = VECTOR_TIME
) -> Any:
    return read(body, headers, secret=secret, clock=VirtualClock(now))


def test_older_body() -> None:
    """The task object of a query is read, without and with its envelope."""
    data = {
        "task_id": "830000000000000001",
        "task_status": "succeed",
        "task_info": {"external_task_id": "order-17"},
        "task_result": {"voices": [{"voice_id": "840000000000000001", "voice_name": "Ada"}]},
        "final_unit_deduction": "0.05",
    }
    for body in (data, {"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": data}):
        callback = read(json.dumps(body).encode(), {})
        assert (callback.id, callback.verified) == (None, False)
        task = callback.task
        assert (task.task_id, task.external_task_id, task.succeeded) == ("830000000000000001", "order-17", True)
        assert task.voice is not None
        assert task.voice.voice_id == "840000000000000001"
        assert task.raw == body
    assert task.request_id == "r-1"


def test_newer_body() -> None:
    """The body with `id`, `status` and `outputs` is read; an id that is a number loses no digit."""
    body = b'{"id":830000000000000001,"status":"succeeded","outputs":[{"type":"voice","id":"84","name":"Ada"}]}'
    task = read(body, {"Webhook-Id": "m-1"}).task
    assert (task.task_id, task.status, [voice.voice_id for voice in task.voices]) == (
        "830000000000000001",
        "succeeded",
        ["84"],
    )


@pytest.mark.parametrize(
    "body",
    [
        {"code": 1301, "message": "policy", "data": {"task_id": "83", "task_status": "failed"}},
        {"task_id": "83", "task_status": "failed", "error": {"code": 1301}},
        {"data": {"data": {"task_id": "83", "task_status": "failed"}}},
        {"id": "event-1", "data": {"task_id": "83", "task_status": "failed"}},
    ],
    ids=["failed envelope", "with a code", "nested", "event"],
)
def test_unusual_envelopes(body: dict[str, Any]) -> None:
    """The task is found in an envelope that reports an error, and in nested ones."""
    task = read(json.dumps(body), {}).task
    assert (task.task_id, task.failed) == ("83", True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is empty"),
        (b"<html>", "the body is HTML"),
        (b"not JSON", "the body is not JSON"),
        (b"\xff{}", "not UTF-8"),
        (b"[1]", "a JSON array, not an object"),
        (b"{}", "neither a task id nor an external task id"),
        (b'{"task_id": "", "task_status": "succeed"}', "neither a task id"),
        (b'{"task_id": 1.5}', "neither a task id"),
        (b'{"task_id": ".."}', "cannot be used as a URL path segment"),
        (json.dumps({"task_id": "8" * 600}).encode(), "more than 512 characters"),
        (b'{"task_id": "' + b"8" * 2**20 + b'"}', "longer than 1 MiB"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"task_id": "1", "task_id": "2"}', "duplicate key"),
    ],
)
def test_bodies_that_are_refused(body: bytes, message: str) -> None:
    """Every body that names no task raises one clear sentence."""
    with pytest.raises(CallbackError, match=message) as caught:
        read(body, {})
    assert "\n" not in str(caught.value)


def test_an_unpaired_surrogate() -> None:
    """A character that cannot be sent or stored is replaced, as in responses."""
    assert read(b'{"task_id": "8\\ud800"}', {}).task.task_id == "8?"


def test_the_vendors_vector() -> None:
    """Kling's published example is verified, with and without `whsec_`, in every form of headers."""
    pairs = [(name.upper().encode(), value.encode()) for name, value in VECTOR_HEADERS.items()]
    for headers in (
        VECTOR_HEADERS,
        {name.title(): value for name, value in VECTOR_HEADERS.items()},
        pairs,
        dict(pairs),
    ):
        for secret in (SECRET, SECRET.removeprefix("whsec_"), SECRET.rstrip("=")):
            callback = _verify(headers, secret=secret)
            assert (callback.task.task_id, callback.id, callback.verified) == ("1234567890", "9876543210", True)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_are_tolerated(seconds: int) -> None:
    """Clocks may differ by five minutes in both directions, and no more."""
    assert _verify(now=VECTOR_TIME + seconds).verified
    beyond = seconds + (1 if seconds >= 0 else -1)
    if seconds:
        with pytest.raises(CallbackError, match="too old" if seconds > 0 else "too far in the future"):
            _verify(now=VECTOR_TIME + beyond)


def test_several_signatures() -> None:
    """One right signature among others is enough: a sender that changes its secret sends both."""
    right = VECTOR_HEADERS["webhook-signature"]
    wrong = "v1," + b64encode(b"0" * 32).decode()
    for signatures in (f"{wrong} {right}", f"v1a,{right[3:]} {right}", f"{right}, {wrong}", f"junk {right} v1,?"):
        assert _verify({**VECTOR_HEADERS, "webhook-signature": signatures}).verified
    pairs = [*VECTOR_HEADERS.items(), ("Webhook-Signature", wrong)]
    assert _verify(pairs).verified


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"webhook-signature": "v1," + b64encode(b"0" * 32).decode()}, "is wrong"),
        ({"webhook-signature": "v2,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="}, "is wrong"),
        ({"webhook-signature": "UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="}, "is wrong"),
        ({"webhook-signature": "v1,not base64"}, "is wrong"),
        ({"webhook-signature": "v1,é"}, "is wrong"),
        ({"webhook-signature": ""}, "the header webhook-signature is missing"),
        ({"webhook-id": ""}, "the header webhook-id is missing"),
        ({"webhook-id": "9876543211"}, "is wrong"),
        ({"webhook-timestamp": ""}, "the header webhook-timestamp is missing"),
        ({"webhook-timestamp": "yesterday"}, "is not a number of seconds"),
        ({"webhook-timestamp": "nan"}, "is not a number of seconds"),
        ({"webhook-timestamp": "-1781080794"}, "is not a number of seconds"),
        ({"webhook-timestamp": "9" * 12}, "too far in the future"),
        ({"webhook-timestamp": "1781080795"}, "is wrong"),
        ({"webhook-id": "x" * 257}, "more than 256 characters"),
    ],
)
def test_signatures_that_are_refused(change: dict[str, str], message: str) -> None:
    """With a secret, a missing, wrong or malformed signature raises; no message shows secret or signature."""
    with pytest.raises(CallbackError, match=message) as caught:
        _verify({**VECTOR_HEADERS, **change})
    assert "UsKl" not in repr(caught.value)
    assert "dGVz" not in repr(caught.value)


def test_a_changed_body_is_refused() -> None:
    """The signature covers every byte; a body that cannot be signed is refused, too."""
    for body in (VECTOR_BODY + b" ", VECTOR_BODY.replace(b"1234567890", b"1234567891"), b"\xff"):
        with pytest.raises(CallbackError, match=r"is wrong|not UTF-8"):
            _verify(body=body)
    with pytest.raises(CallbackError, match="is wrong"):
        _verify(secret="whsec_" + b64encode(b"another").decode())


def test_repeated_headers_are_refused() -> None:
    """Two ids are refused, because it is open which one was signed."""
    with pytest.raises(CallbackError, match="two headers webhook-id"):
        _verify([*VECTOR_HEADERS.items(), ("Webhook-ID", "2")])


def test_without_a_secret_a_signature_proves_nothing() -> None:
    """Headers of a signature do not make a callback verified, and a wrong signature is not looked at."""
    callback = read(VECTOR_BODY, {**VECTOR_HEADERS, "webhook-signature": "v1,wrong"})
    assert (callback.id, callback.verified) == ("9876543210", False)


@pytest.mark.parametrize("secret", ["", "whsec_", "not base64!", "whsec_ä", 5])
def test_secrets_that_are_no_secrets(secret: Any) -> None:
    """An invalid secret is the caller's error, and is not shown."""
    with pytest.raises(InvalidInputError, match="secret is") as caught:
        _verify(secret=secret)
    assert "base64!" not in str(caught.value)


def test_invalid_arguments() -> None:
    """A parsed body and something that is no headers are named."""
    with pytest.raises(InvalidInputError, match="body is of type dict; pass the bytes"):
        read({}, {})  # type: ignore[arg-type]
    for headers in (None, "webhook-id: 1", {"webhook-id": 1}, [1]):
        with pytest.raises(InvalidInputError, match="headers are of type"):
            read(b"{}", headers)  # type: ignore[arg-type]


def test_the_system_clock_is_the_default() -> None:
    """Without a clock, a signature that is years old is refused, and a new one is accepted."""
    import time

    with pytest.raises(CallbackError, match="too"):
        read(VECTOR_BODY, {**VECTOR_HEADERS, "webhook-timestamp": "1000000000"}, secret=SECRET)
    body = json.dumps(older("83")).encode()
    assert read(body, sign(body, time.time()), secret=SECRET).verified
