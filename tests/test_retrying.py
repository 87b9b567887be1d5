"""Retry delays, which failures are retried, and the log of retries."""

from __future__ import annotations

import logging
import re

import httpx
import pytest
from kling_voices import errors
from kling_voices._flows import validation
from kling_voices._flows.retry import backoff_delay, is_write_retryable, poll_delay
from kling_voices._protocol.error_codes import error_class, is_definite_rejection, is_transient
from kling_voices._protocol.responses import RawResponse, parse
from kling_voices.errors import APIError
from kling_voices.mock import Fault, MockGateway, VirtualClock

from tests.support.clients import API_KEY, Kind, open_client


def _error(kind: type[APIError], status: int, **options: object) -> APIError:
    return kind("x", status_code=status, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attempt", "draw", "seconds"),
    [
        (0, 0.0, 0.25),
        (0, 1.0, 0.5),
        (1, 1.0, 1.0),
        (2, 0.0, 1.0),
        (4, 1.0, 8.0),
        (5, 1.0, 8.0),
        (5, 0.0, 4.0),
        (10**6, 1.0, 8.0),
    ],
)
def test_delays_double_up_to_eight_seconds(attempt: int, draw: float, seconds: float) -> None:
    """Half a second, doubled each time, and spread over the upper half at random."""
    assert backoff_delay(attempt, draw) == seconds
    assert backoff_delay(attempt, draw, _error(errors.ServerError, 500)) == seconds


@pytest.mark.parametrize(("draw", "seconds"), [(0.0, 1.0), (0.5, 1.25), (1.0, 1.5)])
def test_rate_limits_wait_at_least_a_second(draw: float, seconds: float) -> None:
    """Kling asks for at least a second after 1302 and 1303 (V)."""
    assert backoff_delay(0, draw, _error(errors.RateLimitError, 429, code=1302)) == seconds


@pytest.mark.parametrize(("asked", "seconds"), [(0.0, 0.25), (0.25, 0.25), (5.0, 5.0), (60.0, 60.0), (61.0, 60.0)])
def test_a_longer_retry_after_is_used(asked: float, seconds: float) -> None:
    """`Retry-After` is used if it is longer than our own delay, up to a minute."""
    assert backoff_delay(0, 0.0, _error(errors.ServerError, 503, retry_after=asked)) == seconds


@pytest.mark.parametrize(
    ("number", "draw", "seconds"),
    [(0, 0.0, 0.8), (0, 0.5, 1.0), (0, 1.0, 1.2), (1, 0.5, 1.5), (2, 0.5, 2.25), (6, 0.5, 10.0), (10**6, 1.0, 12.0)],
)
def test_polls_grow_to_ten_seconds(number: int, draw: float, seconds: float) -> None:
    """One second, growing by half each time, spread by 20 % to either side."""
    assert poll_delay(number, draw) == pytest.approx(seconds)


def test_the_delay_after_a_failed_poll() -> None:
    """After a failed poll, the delay is at least the delay of a retry, and at least `Retry-After`."""
    assert poll_delay(0, 0.5, _error(errors.RateLimitError, 429, retry_after=30.0)) == 30.0
    assert poll_delay(0, 0.5, _error(errors.ServerError, 500)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("error", "may"),
    [
        (_error(errors.RateLimitError, 429), True),
        (_error(errors.RateLimitError, 429, code=1303), True),
        (_error(errors.RateLimitError, 429, code=429), True),
        (_error(errors.RateLimitError, 429, code="too_many_requests"), True),
        (_error(errors.RateLimitError, 429, code="unheard_of"), False),
        (_error(errors.RateLimitError, 200, code=1302), False),  # a create that was answered with 200
        (_error(errors.RateLimitError, 503, code=1302), False),  # or that failed on the way back
        (_error(errors.QuotaExceededError, 429, code=1101), False),
        (_error(errors.ServerError, 503), False),
        (errors.ConnectionFailedError("x", request_sent=False), True),
        (errors.ConnectionFailedError("x", request_sent=True), False),
    ],
)
def test_retryable_writes(error: errors.KlingVoicesError, may: bool) -> None:
    """A write is retried only if no connection was made, or after a transient 429."""
    assert is_write_retryable(error) is may


@pytest.mark.parametrize(
    ("status", "passes"), [(499, False), (500, True), (599, True), (600, True), (418, False), (302, False)]
)
def test_transient_statuses(status: int, passes: bool) -> None:
    """A status without an error class of its own is transient if it is 500 or higher."""
    assert is_transient(_error(APIError, status)) is passes


@pytest.mark.parametrize(
    ("status", "code", "refused"),
    [
        (399, None, False),
        (400, None, True),
        (408, None, False),
        (409, None, False),
        (499, None, False),
        (498, None, True),
        (500, None, False),
        (600, None, False),
        (199, 1201, False),
        (200, 1201, True),
        (299, 1201, True),
        (300, 1201, False),
        (200, 1999, False),
        (200, None, False),
    ],
)
def test_definite_rejections(status: int, code: int | None, refused: bool) -> None:
    """A definite rejection is a client error other than 408, 409 and 499, or a documented code with a 2xx status."""
    assert is_definite_rejection(_error(APIError, status, code=code)) is refused


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (999, errors.BadRequestError),
        (1000, errors.AuthenticationError),
        (5999, APIError),
        (6000, errors.BadRequestError),
    ],
)
def test_the_range_of_klings_codes(code: int, kind: type[APIError]) -> None:
    """Numbers from 1000 to 5999 are Kling's codes; for any other number the status decides."""
    assert error_class(400, code, is_task_query=False) is kind


@pytest.mark.parametrize("status", [199, 300, 301])
def test_success_is_a_2xx(status: int) -> None:
    """A valid body is not a success if the status is not 2xx."""
    with pytest.raises(APIError):
        parse(RawResponse(status, {}, b'{"code": 0, "data": {"task_id": "1"}}'))
    assert parse(RawResponse(299, {}, b'{"code": 0, "data": {"task_id": "1"}}')).data == {"task_id": "1"}


def test_the_longest_wait_is_a_week() -> None:
    """A timeout of seven days is valid, and one second more is not."""
    validation.validate_seconds("timeout", 604_800)
    with pytest.raises(errors.InvalidInputError, match=r"at most 604800 seconds \(a week\)"):
        validation.validate_seconds("timeout", 604_801)


@pytest.mark.parametrize(("value", "zero", "says"), [(0, False, "more than 0"), (-1, True, "at least 0")])
def test_the_minimum_of_seconds(value: float, zero: bool, says: str) -> None:
    """The message names the minimum: a wait may have zero seconds, a timeout may not."""
    validation.validate_seconds("timeout", 0, zero=True)
    with pytest.raises(errors.InvalidInputError, match=says):
        validation.validate_seconds("timeout", value, zero=zero)


def test_every_retry_is_logged(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """A retry is logged at INFO with its number, its delay in seconds and its cause, and without the key."""
    answers = iter([(500, 5000), (503, 5001), (200, 0)])

    def handler(_: httpx.Request) -> httpx.Response:
        status, code = next(answers)
        return httpx.Response(status, json={"code": code, "message": f"down {API_KEY}", "data": {"task_id": "7"}})

    with caplog.at_level(logging.INFO, logger="kling_voices"), open_client(kind, handler) as call:
        call("get_task", "7")
    logged = [record.getMessage() for record in caplog.records if record.name == "kling_voices"]
    assert len(logged) == 2
    assert re.match(r"retry 1 of 2 in 0\.\d\d s: .*500.*down", logged[0])
    assert re.match(r"retry 2 of 2 in \d\.\d\d s: .*503.*down", logged[1])
    assert all(record.levelno == logging.INFO for record in caplog.records if record.name == "kling_voices")
    assert API_KEY not in caplog.text


def test_failed_polls_are_logged(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """A poll that failed is logged at INFO with its number, the delay and the cause."""
    answers = iter([(500, {"code": 5000}), (200, {"code": 0, "data": {"task_id": "7", "task_status": "failed"}})])

    def handler(_: httpx.Request) -> httpx.Response:
        status, body = next(answers)
        return httpx.Response(status, json=body)

    with (
        caplog.at_level(logging.INFO, logger="kling_voices"),
        open_client(kind, handler) as call,
        pytest.raises(errors.VoiceCreationFailedError),
    ):
        call("wait", "7")
    (logged,) = (record.getMessage() for record in caplog.records if record.name == "kling_voices")
    assert re.match(r"poll 1 failed; the next poll is in \d\.\d\d s: .*500", logged)


def test_retries_and_lookups_of_creates_are_logged(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """A create that is sent again is logged at INFO, and so is each lookup after an ambiguous failure."""
    faults = [
        Fault("shape_before", operation="create_custom_voice", times=1, shape="kling 429 1302"),
        Fault("reset_after", operation="create_custom_voice"),
        Fault("shape_before", operation="get_custom_voice", times=1, shape="HTML 502"),
    ]
    gateway = MockGateway(API_KEY, clock=VirtualClock(), faults=faults)
    with caplog.at_level(logging.INFO, logger="kling_voices"), open_client(kind, gateway.handle) as call:
        call("create_voice", "Ada", voice_url="https://example.com/a.mp3", external_task_id="order-1")
    logged = [record.getMessage() for record in caplog.records if record.name == "kling_voices"]
    patterns = (
        r"retry 1 of 2 in 1\.\d\d s: .*429, code 1302",
        r"lookup 1 of 3 of 'order-1' in 0\.\d\d s: kkiai did not respond: ",
        r"lookup 2 of 3 of 'order-1' in \d\.\d\d s: kkiai did not respond: ",
    )
    assert [bool(re.match(pattern, line)) for pattern, line in zip(patterns, logged, strict=True)] == [True] * 3
