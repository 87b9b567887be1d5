"""How long to rest, and what may be sent again: pure functions, at their edges."""

from __future__ import annotations

import subprocess
import sys
import uuid

import pytest
from kling_voices import _checks, errors
from kling_voices._answers import Answer, interpret
from kling_voices._codes import error_class, may_pass, surely_refused
from kling_voices._ids import fresh_id
from kling_voices._retries import pause, poll_pause, write_may_be_repeated
from kling_voices.errors import APIError


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
def test_pauses_double_up_to_eight_seconds(attempt: int, draw: float, seconds: float) -> None:
    """Half a second, doubled each time; chance spreads it over the upper half."""
    assert pause(attempt, draw) == seconds
    assert pause(attempt, draw, _error(errors.ServerError, 500)) == seconds


@pytest.mark.parametrize(("draw", "seconds"), [(0.0, 1.0), (0.5, 1.25), (1.0, 1.5)])
def test_too_many_requests_rest_a_second(draw: float, seconds: float) -> None:
    """Kling asks for at least a second after 1302 and 1303 (V)."""
    assert pause(0, draw, _error(errors.RateLimitError, 429, code=1302)) == seconds


@pytest.mark.parametrize(("asked", "seconds"), [(0.0, 0.25), (0.25, 0.25), (5.0, 5.0), (60.0, 60.0), (61.0, 60.0)])
def test_retry_after_counts_where_it_is_longer(asked: float, seconds: float) -> None:
    """Up to a minute."""
    assert pause(0, 0.0, _error(errors.ServerError, 503, retry_after=asked)) == seconds


@pytest.mark.parametrize(
    ("number", "draw", "seconds"),
    [(0, 0.0, 0.8), (0, 0.5, 1.0), (0, 1.0, 1.2), (1, 0.5, 1.5), (2, 0.5, 2.25), (6, 0.5, 10.0), (10**6, 1.0, 12.0)],
)
def test_polls_grow_to_ten_seconds(number: int, draw: float, seconds: float) -> None:
    """One second, half as much again each time, spread by a fifth to either side."""
    assert poll_pause(number, draw) == pytest.approx(seconds)


def test_a_poll_that_failed_rests_at_least_as_long_as_a_retry() -> None:
    """Also for what the gateway asks for."""
    assert poll_pause(0, 0.5, _error(errors.RateLimitError, 429, retry_after=30.0)) == 30.0
    assert poll_pause(0, 0.5, _error(errors.ServerError, 500)) == pytest.approx(1.0)


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
def test_what_a_write_may_repeat(error: errors.KlingVoicesError, may: bool) -> None:
    """No connection, or a passing 429; nothing else, however passing it is."""
    assert write_may_be_repeated(error) is may


@pytest.mark.parametrize(
    ("status", "passes"), [(499, False), (500, True), (599, True), (600, True), (418, False), (302, False)]
)
def test_what_may_pass(status: int, passes: bool) -> None:
    """A status that no class knows passes where it is a server's."""
    assert may_pass(_error(APIError, status)) is passes


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
def test_what_was_surely_refused(status: int, code: int | None, refused: bool) -> None:
    """A client error, but for those that come after the fact; and a documented code in a 2xx."""
    assert surely_refused(_error(APIError, status, code=code)) is refused


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (999, errors.BadRequestError),
        (1000, errors.AuthenticationError),
        (5999, APIError),
        (6000, errors.BadRequestError),
    ],
)
def test_which_numbers_are_klings(code: int, kind: type[APIError]) -> None:
    """From 1000 to 5999; any other number gives way to the status."""
    assert error_class(400, code, querying_one=False) is kind


@pytest.mark.parametrize("status", [199, 300, 301])
def test_success_is_a_2xx(status: int) -> None:
    """The best of bodies is no success with another status."""
    with pytest.raises(APIError):
        interpret(Answer(status, {}, b'{"code": 0, "data": {"task_id": "1"}}'))
    assert interpret(Answer(299, {}, b'{"code": 0, "data": {"task_id": "1"}}')).data == {"task_id": "1"}


def test_the_longest_wait_is_a_week() -> None:
    """Seven days pass, a second more does not."""
    _checks.check_seconds("timeout", 604_800)
    with pytest.raises(errors.InvalidInputError, match="up to 604800, a week"):
        _checks.check_seconds("timeout", 604_801)


@pytest.mark.parametrize(("value", "zero", "says"), [(0, False, "above 0"), (-1, True, "from 0")])
def test_where_seconds_begin(value: float, zero: bool, says: str) -> None:
    """The message names the bound that holds: a wait may be of zero seconds, a time-out may not."""
    _checks.check_seconds("timeout", 0, zero=True)
    with pytest.raises(errors.InvalidInputError, match=says):
        _checks.check_seconds("timeout", value, zero=zero)


def test_fresh_ids_are_nobody_elses() -> None:
    """A thousand ids are version 4 UUIDs, all different; and a forked process goes on with none of its parent's."""
    ids = [fresh_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {uuid.UUID(each).version for each in ids} == {4}
    code = (
        "import os; from kling_voices._ids import fresh_id\n"
        "fresh_id(); reading, writing = os.pipe(); child = os.fork()\n"
        "if child == 0: os.write(writing, fresh_id().encode()); os._exit(0)\n"
        "os.waitpid(child, 0); print(os.read(reading, 36).decode() != fresh_id())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "True\n"
