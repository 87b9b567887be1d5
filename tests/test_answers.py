"""Parsing responses: data, or the error class of the code or the status."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices import errors
from kling_voices._protocol.error_codes import error_class
from kling_voices._protocol.redaction import redact
from kling_voices._protocol.responses import RawResponse, parse
from kling_voices.errors import APIError

CLASSES = {
    errors.AuthenticationError: [1000, 1001, 1002, 1003, 1004],
    errors.QuotaExceededError: [1100, 1101, 1102],
    errors.PermissionDeniedError: [1103, 1304],
    errors.BadRequestError: [1200, 1201],
    errors.NotFoundError: [1202, 1203],
    errors.ContentPolicyError: [1300, 1301],
    errors.RateLimitError: [1302, 1303],
    errors.ServerError: [5000, 5001, 5002],
    errors.APIError: [1999, 4000],
}
STATUSES = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    402: errors.QuotaExceededError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    418: errors.APIError,
    429: errors.RateLimitError,
    500: errors.ServerError,
    503: errors.ServerError,
    520: errors.ServerError,
    302: errors.APIError,
    204: errors.UnexpectedResponseError,
}


def _refusal(status: int, body: Any, *, is_task_query: bool = False, **headers: str) -> APIError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(APIError) as caught:
        parse(RawResponse(status, named, content), is_task_query=is_task_query)
    return caught.value


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in CLASSES.items() for code in codes])
@pytest.mark.parametrize("status", [200, 400, 418, 429, 500])
def test_kling_codes(kind: type[APIError], code: int, status: int) -> None:
    """Kling's code decides, whatever the status is, also with HTTP 200."""
    error = _refusal(status, {"code": code, "message": "no", "request_id": "r-1"})
    assert (type(error), error.code, error.status_code, error.message, error.request_id) == (
        kind,
        code,
        status,
        "no",
        "r-1",
    )


def test_other_numbers() -> None:
    """For a number that is not Kling's code the status decides; with HTTP 200 it is a plain APIError."""
    assert type(_refusal(400, {"code": 400})) is errors.BadRequestError
    assert type(_refusal(200, {"code": 77})) is errors.APIError


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_plain_statuses(status: int, kind: type[APIError]) -> None:
    """Without a code the status decides."""
    assert type(_refusal(status, b"<html>oops</html>")) is kind
    assert type(_refusal(status, b"")) is kind


def test_a_task_that_does_not_exist() -> None:
    """400 with 1201 is "not found" if one task is queried (L), and a bad request elsewhere."""
    body = {"code": 1201, "message": "task not found"}
    assert type(_refusal(400, body, is_task_query=True)) is errors.NotFoundError
    assert type(_refusal(400, body)) is errors.BadRequestError


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<!doctype html>", "the body is HTML"),
        (b"[]", "the body is a JSON array, not an object"),
        (b"17", "the body is a JSON number, not an object"),
        (b"null", "the body is a JSON null, not an object"),
        (b"{", "the body is not JSON"),
        (b"", "the body is empty"),
        (b"\xff{}", "the body is not UTF-8"),
        (b'{"code":0,"code":0,"data":{}}', "the body is JSON with a duplicate key"),
        (b'{"code":0,"data":{"x":NaN}}', "the body is JSON with NaN, which is not a JSON value"),
        (b"[" * 100_000, "the body is JSON nested too deeply"),
        (b'{"code":0}', "the envelope reports success but has no data"),
        (b'{"code":0,"data":null}', "the envelope reports success but has no data"),
    ],
)
def test_answers_that_the_contract_does_not_know(body: bytes, complaint: str) -> None:
    """With HTTP 200, an unreadable body is an UnexpectedResponseError with the body and the reason."""
    error = _refusal(200, body)
    assert (type(error), error.message) == (errors.UnexpectedResponseError, complaint)
    assert error.body not in (None, "") or body in (b"", b"null")


def test_success_is_code_zero_with_data() -> None:
    """The data of the envelope is returned, and the whole response as `raw`."""
    answer = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": {"task_id": "1"}}
    success = parse(RawResponse(200, {}, json.dumps(answer).encode()))
    assert success == ({"task_id": "1"}, answer, "r", 200, ())


def test_the_echo_is_success() -> None:
    """An object without a code and without an error is the data itself, as in the supplied example (S)."""
    echo = {"voice_name": "Ada", "video_id": "1"}
    assert parse(RawResponse(200, {}, json.dumps(echo).encode())).data == echo


def test_secrets_in_messages_are_concealed() -> None:
    """Keys, bearer tokens and signatures that a gateway repeats are not in the message; the body is unchanged."""
    said = "key sk-1 at https://u:p@example.com/a.mp3?sig=abc with Bearer xyz"
    with pytest.raises(APIError) as caught:
        parse(RawResponse(400, {}, json.dumps({"message": said}).encode()), secrets=("sk-1",))
    assert caught.value.message == "key … at https://example.com/a.mp3?… with Bearer …"
    assert caught.value.body == {"message": said}


@pytest.mark.parametrize(
    ("said", "secret", "shown"),
    [
        ("unknown key k", "k", "unknown key …"),
        ("sk-12345x", "sk-12345", "…x"),  # eight characters are taken out of anything
        ("asecretb secret", "secret", "asecretb …"),
    ],
)
def test_short_secrets_do_not_garble_words(said: str, secret: str, shown: str) -> None:
    """A short key is redacted as a whole word, a long one everywhere."""
    assert redact(said, (secret,)) == shown


@given(st.integers(100, 599), st.binary(max_size=200))
def test_no_other_exception_leaves(status: int, body: bytes) -> None:
    """Every status and every body leads to data or to an APIError."""
    with contextlib.suppress(APIError):
        parse(RawResponse(status, {}, body))


@pytest.mark.parametrize(("code", "found"), [("1201", 1201), ("01201", "01201"), ("120", "120"), ("12 1", "12 1")])
def test_a_code_in_quotes(code: str, found: int | str) -> None:
    """A string of exactly four digits is read as Kling's code; any other string is kept."""
    error = _refusal(400, {"code": code, "message": "no"})
    assert (type(error), error.code) == (errors.BadRequestError, found)


@pytest.mark.parametrize(("letters", "shown"), [(99, 99), (100, 100), (101, 100)])
def test_how_much_of_a_code_is_shown(letters: int, shown: int) -> None:
    """A code is cut at 100 characters, because it is part of the message."""
    assert len(str(_refusal(418, {"code": "x" * letters}).code)) == shown


@pytest.mark.parametrize(("letters", "shown"), [(500, 500), (501, 500)])
def test_how_much_of_a_message_is_shown(letters: int, shown: int) -> None:
    """A message is cut at 500 characters; the body has all of it."""
    error = _refusal(418, {"message": "x" * letters})
    assert (error.message or "").count("x") == shown
    assert error.body == {"message": "x" * letters}


@pytest.mark.parametrize(
    ("body", "says"), [(b"<p>", "HTML"), (b" <p>", "HTML"), (b"!", "not JSON"), (b"x", "not JSON")]
)
def test_what_is_not_json_is_called_by_its_name(body: bytes, says: str) -> None:
    """A body is called HTML only if it begins with an angle bracket."""
    assert f"the body is {says}" in str(_refusal(200, body))


@pytest.mark.parametrize("depth", [9_999, 10_000, 10_001])
def test_how_far_a_code_is_looked_for(depth: int) -> None:
    """The search for a code ends after ten thousand values, so that a large body does not delay the error."""
    found = _refusal(418, {"data": [*([0] * (depth - 3)), {"code": 1201}]}).code
    assert (found == 1201) is (depth <= 10_000)


def test_a_zero_is_passed_over() -> None:
    """A code of success in the outer object does not hide the failure in the inner one."""
    assert _refusal(418, {"code": 0, "data": {"code": "task_failed"}}).code == "task_failed"


@pytest.mark.parametrize("value", ["", 7, None])
def test_a_request_id_that_is_none(value: Any) -> None:
    """A request id that is empty or not a string is ignored, and the next place is read."""
    error = _refusal(418, {"request_id": value, "data": {"request_id": "r-2"}})
    assert error.request_id == "r-2"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("9999999999", 9_999_999_999.0),
        ("99999999999", None),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 9.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    """`Retry-After` is a number of up to ten digits or a date; a date in the past means no delay."""
    with pytest.raises(APIError) as caught:
        parse(RawResponse(429, {"retry-after": header}, b""), now=1.0)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (199, APIError),
        (200, errors.UnexpectedResponseError),
        (299, errors.UnexpectedResponseError),
        (300, APIError),
        (499, APIError),
        (500, errors.ServerError),
        (599, errors.ServerError),
        (600, APIError),
        (601, APIError),
    ],
)
def test_the_bounds_of_the_statuses(status: int, kind: type[APIError]) -> None:
    """Statuses from 200 to 299 are a success, and from 500 to 599 an error of the server."""
    assert error_class(status, None, is_task_query=False) is kind


@pytest.mark.parametrize("escape", ["\\ud83d", "\\uDE00", "\\ude00\\ud83d"])
def test_unpaired_surrogates(escape: str) -> None:
    """A cut emoji in a JSON escape is no text: it becomes a question mark, which can be stored and printed."""
    body = f'{{"code":0,"data":{{"task_id":"1{escape}","n":1.50,"pair":"\\ud83d\\ude00","text":"\\\\ud83d"}}}}'
    data = parse(RawResponse(200, {}, body.encode())).data
    assert data == {"task_id": "1" + "?" * escape.count("u"), "n": 1.5, "pair": "\U0001f600", "text": "\\ud83d"}
