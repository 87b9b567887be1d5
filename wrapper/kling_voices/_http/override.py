"""Sending all requests of this package to a function, for tests: no network, no sleeping, no keys.

The pytest plugin uses it. While an override is active, every client of this process sends to it, whatever key, gateway,
`http_client` and clock it was created with, also one that was created before. A client that was created meanwhile
never reaches a network, also afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
from attrs import frozen

from .._flows.validation import validate_clock
from ..clock import Clock
from .endpoint import MOCK_KEY, Endpoint, Gateway


@frozen(eq=False)
class Override:
    """Where requests go instead of a gateway.

    Attributes:
        handler: Answers a request.
        clock: The time of all clients.
        endpoint: The base URL and key that are sent.
    """

    handler: Callable[[httpx.Request], httpx.Response]
    clock: Clock
    endpoint: Endpoint

    def send(self, replaced: httpx.Client, request: httpx.Request) -> httpx.Response:
        """The handler's response. The event hooks of the client that would have sent the request run, too.

        No httpx client takes part, because libraries such as respx intercept the requests of all of them.
        """
        for hook in replaced.event_hooks["request"]:
            hook(request)
        response = self.handler(request)
        for hook in replaced.event_hooks["response"]:
            hook(response)
        return response

    async def async_send(self, replaced: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """The asynchronous counterpart of `send`."""
        for hook in replaced.event_hooks["request"]:
            await hook(request)
        response = self.handler(request)
        for hook in replaced.event_hooks["response"]:
            await hook(response)
        return response


_active: list[Override] = []  # of the process, not of a context: code under test may start threads and event loops


@contextmanager
def override_gateways(handler: Callable[[httpx.Request], httpx.Response], clock: Clock, api_key: str) -> Iterator[None]:
    """Send the requests of all clients to `handler`. Overrides may be nested; the innermost one is active."""
    override = Override(handler, clock, Endpoint(Gateway.MOCK.value, Gateway.MOCK.base_url, api_key))
    _active.append(override)
    try:
        yield
    finally:
        _active.remove(override)


def active_override() -> Override | None:
    """The override that is active now."""
    return _active[-1] if _active else None


def environment() -> Mapping[str, str]:
    """The environment of the process; with an override, no key is missing."""
    if not _active or os.environ.get("KLING_API_KEY"):
        return os.environ
    return {**os.environ, "KLING_API_KEY": MOCK_KEY}


def overridable(clock: Clock) -> Clock:
    """`clock`, or the clock of an override while one is active. Raises InvalidInputError if `clock` is no clock."""
    validate_clock(clock)
    override = active_override()
    return _OverridableClock(override.clock if override else clock)


class _OverridableClock:
    """The clock of the active override, else its own."""

    def __init__(self, own: Clock) -> None:
        self._own = own

    def _current(self) -> Clock:
        override = active_override()
        return override.clock if override else self._own

    def monotonic(self) -> float:
        return self._current().monotonic()

    def time(self) -> float:
        return self._current().time()

    def random(self) -> float:
        return self._current().random()

    def sleep(self, seconds: float) -> None:
        self._current().sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        await self._current().async_sleep(seconds)
