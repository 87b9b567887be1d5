"""The two loops that run flows, one synchronous and one asynchronous: all input and output happens here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, cast

import httpx

from .._flows.pages import Item, Pages
from .._flows.steps import Flow, SendRequest, Sleep, T
from .._protocol.responses import RawResponse
from ..clock import Clock
from ..errors import InvalidInputError
from .body import BodyReader
from .clients import MAX_CONNECTIONS, async_client, sync_client
from .endpoint import Endpoint
from .exceptions import to_transport_failure
from .override import Override, active_override
from .requests import build_request


class Runner:
    """Runs flows over an `httpx.Client`.

    Args:
        http_client: The caller's client, which the caller closes. None for a new one.
        endpoint: The gateway.
        clock: Time and sleeping.
    """

    def __init__(self, http_client: httpx.Client | None, endpoint: Endpoint, clock: Clock) -> None:
        _validate_type(http_client, httpx.Client)
        self._http = http_client or sync_client(endpoint)
        self._owns_http = http_client is None
        self._endpoint, self._clock = endpoint, clock
        self._override = active_override()

    def close(self) -> None:
        """Close the connections of our own client; a second time does nothing."""
        if self._owns_http:
            self._http.close()

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end, and return its result."""
        try:
            step = next(flow)
            while True:
                try:
                    result = self.run_step(step)
                except BaseException as error:  # noqa: BLE001 - flows also handle interrupts
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration as end:
            return cast("T", end.value)

    def iterate(self, pages: Pages[Item]) -> Iterator[Item]:
        """The items of all pages; each page is fetched when it is needed."""
        is_last = False
        while not is_last:
            items, is_last = self.run(pages.next_page())
            yield from items

    def run_step(self, step: SendRequest | Sleep) -> RawResponse | None:
        """Execute one step of a flow. Raises TransportFailure if a request gets no response."""
        if isinstance(step, Sleep):
            self._clock.sleep(step.seconds)
            return None
        override = active_override() or self._override
        request = build_request(self._http, override.endpoint if override else self._endpoint, step)
        try:  # no exception passes through: one of the caller's transport or event hook says nothing about the request
            return self._send(request, override, step.timeout)
        except Exception as error:
            raise to_transport_failure(error) from error

    def _send(self, request: httpx.Request, override: Override | None, seconds: float) -> RawResponse:
        if override:
            response = override.send(self._http, request)
        else:
            response = self._http.send(request, auth=None, follow_redirects=False, stream=True)
        try:
            with BodyReader(response, self._clock, seconds) as body:
                for chunk in response.iter_bytes():
                    body.add(chunk)
        finally:
            response.close()
        return body.result()


class AsyncRunner:
    """Runs flows over an `httpx.AsyncClient`, on asyncio or trio; arguments as for `Runner`.

    Our own client sends as many requests at the same time as it has connections. Waiting for one of them does not count
    against the timeout.
    """

    def __init__(self, http_client: httpx.AsyncClient | None, endpoint: Endpoint, clock: Clock) -> None:
        _validate_type(http_client, httpx.AsyncClient)
        self._http = http_client or async_client(endpoint)
        self._owns_http = http_client is None
        self._endpoint, self._clock = endpoint, clock
        self._override = active_override()
        self._limiter: AbstractAsyncContextManager[Any] | None = None

    async def close(self) -> None:
        """Close the connections of our own client; a second time does nothing."""
        if self._owns_http:
            await self._http.aclose()

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end, and return its result."""
        try:
            step = next(flow)
            while True:
                try:
                    result = await self.run_step(step)
                except BaseException as error:  # noqa: BLE001 - flows also handle cancellation
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration as end:
            return cast("T", end.value)

    async def iterate(self, pages: Pages[Item]) -> AsyncIterator[Item]:
        """The items of all pages; each page is fetched when it is needed."""
        is_last = False
        while not is_last:
            items, is_last = await self.run(pages.next_page())
            for item in items:
                yield item

    async def run_step(self, step: SendRequest | Sleep) -> RawResponse | None:
        """Execute one step of a flow. Raises TransportFailure if a request gets no response."""
        if isinstance(step, Sleep):
            await self._clock.async_sleep(step.seconds)
            return None
        import anyio  # noqa: PLC0415 - slow to import, and only asynchronous callers need it

        async with self._connection_limiter():
            override = active_override() or self._override
            request = build_request(self._http, override.endpoint if override else self._endpoint, step)
            try:  # as in Runner.run_step
                with anyio.fail_after(step.timeout):
                    return await self._send(request, override, step.timeout)
            except Exception as error:
                raise to_transport_failure(error) from error

    async def _send(self, request: httpx.Request, override: Override | None, seconds: float) -> RawResponse:
        if override:
            response = await override.async_send(self._http, request)
        else:
            response = await self._http.send(request, auth=None, follow_redirects=False, stream=True)
        try:
            with BodyReader(response, self._clock, seconds) as body:
                async for chunk in response.aiter_bytes():
                    body.add(chunk)
        finally:
            await response.aclose()
        return body.result()

    def _connection_limiter(self) -> AbstractAsyncContextManager[Any]:
        if self._limiter is None:
            import anyio  # noqa: PLC0415 - see above

            self._limiter = anyio.CapacityLimiter(MAX_CONNECTIONS) if self._owns_http else nullcontext()
        return self._limiter


def _validate_type(http_client: object, expected: type[httpx.Client] | type[httpx.AsyncClient]) -> None:
    if http_client is not None and not isinstance(http_client, expected):
        raise InvalidInputError(
            f"http_client is of type {type(http_client).__name__}; pass an httpx.{expected.__name__}"
        )
