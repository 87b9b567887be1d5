"""The two clients: thin shells that carry out plans, one blocking, one to await.

Nothing is written twice here but the await: methods are the plans themselves, bound.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, Self, cast

import httpx

from . import _calling, _deleting, _making, _reading
from ._client import Client, present
from ._core import Core
from ._incoming import Reader
from ._reading import Item, Pages
from ._steps import Plan, Rest, Send, T
from ._transport import CONNECTIONS, async_client, blocking_client, transport_name
from ._turns import Turns

P = ParamSpec("P")


def _blocking(plan: Callable[Concatenate[Core, P], Plan[T]]) -> Callable[Concatenate[KlingVoices, P], T]:
    def method(self: KlingVoices, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._run(plan(self._core, *args, **kwargs))

    return present(method, plan)


def _awaitable(
    plan: Callable[Concatenate[Core, P], Plan[T]],
) -> Callable[Concatenate[AsyncKlingVoices, P], Coroutine[Any, Any, T]]:
    async def method(self: AsyncKlingVoices, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._run(plan(self._core, *args, **kwargs))

    return present(method, plan)


def _iterator(
    pages: Callable[Concatenate[Core, P], Pages[Item]],
) -> Callable[Concatenate[KlingVoices, P], Iterator[Item]]:
    def method(self: KlingVoices, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[Item]:
        return self._iterate(pages(self._core, *args, **kwargs))

    return present(method, pages)


def _async_iterator(
    pages: Callable[Concatenate[Core, P], Pages[Item]],
) -> Callable[Concatenate[AsyncKlingVoices, P], AsyncIterator[Item]]:
    def method(self: AsyncKlingVoices, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Item]:
        return self._iterate(pages(self._core, *args, **kwargs))

    return present(method, pages)


class KlingVoices(Client[httpx.Client]):
    """Kling custom voices on one gateway. One client may be shared by threads; close it, or use it in a `with`."""

    _http_class = httpx.Client
    _own_http = staticmethod(blocking_client)

    create_voice = _blocking(_making.create_voice)
    wait = _blocking(_making.wait)
    create_and_wait = _blocking(_making.create_and_wait)
    get_task = _blocking(_reading.get_task)
    recover = _blocking(_reading.recover)
    list_tasks = _iterator(_reading.list_tasks)
    list_presets = _iterator(_reading.list_presets)
    delete_voice = _blocking(_deleting.delete_voice)
    call = _blocking(_calling.call)

    def close(self) -> None:
        """Close the connections; a second time does nothing. A client that was passed in stays open."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _run(self, plan: Plan[T]) -> T:
        try:
            step = next(plan)
            while True:
                try:
                    came = self._carry_out(step)
                except BaseException as error:  # noqa: BLE001 - the plan decides, also on an interrupt
                    step = plan.throw(error)
                else:
                    step = plan.send(came)
        except StopIteration as end:
            return cast("T", end.value)

    def _iterate(self, pages: Pages[Item]) -> Iterator[Item]:
        is_last = False
        while not is_last:
            items, is_last = self._run(pages.next_page())
            yield from items

    def _carry_out(self, step: Send | Rest) -> Any:
        if isinstance(step, Rest):
            return self._core.clock.sleep(step.seconds)
        response = self._http.send(self._request(step), auth=None, follow_redirects=False, stream=True)
        reader = Reader(response, step, self._core.clock)
        try:
            with reader:
                for chunk in reader.pieces(response.iter_bytes):
                    reader.take(chunk)
        finally:
            response.close()
        return reader.answer()


class AsyncKlingVoices(Client[httpx.AsyncClient]):
    """Kling custom voices on one gateway, to await. The tasks of a loop may share it; close it, or `async with` it.

    With the extra `aiohttp` it goes over aiohttp's connections, which do not slow down as concurrency grows; its `repr`
    says so. A hundred exchanges go on at a time, and more wait for their turn, which does not count as their time.
    """

    _http_class = httpx.AsyncClient
    _own_http = staticmethod(async_client)

    create_voice = _awaitable(_making.create_voice)
    wait = _awaitable(_making.wait)
    create_and_wait = _awaitable(_making.create_and_wait)
    get_task = _awaitable(_reading.get_task)
    recover = _awaitable(_reading.recover)
    list_tasks = _async_iterator(_reading.list_tasks)
    list_presets = _async_iterator(_reading.list_presets)
    delete_voice = _awaitable(_deleting.delete_voice)
    call = _awaitable(_calling.call)

    @cached_property
    def _turns(self) -> Turns:
        return Turns(CONNECTIONS if self._owns_http else None)

    def _told(self) -> dict[str, str]:
        return {**super()._told(), "transport": transport_name(self._http, owned=self._owns_http)}

    async def close(self) -> None:
        """Close the connections; a second time does nothing. A client that was passed in stays open."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def _run(self, plan: Plan[T]) -> T:
        try:
            step = next(plan)
            while True:
                try:
                    came = await self._carry_out(step)
                except BaseException as error:  # noqa: BLE001 - the plan decides, also on a cancellation
                    step = plan.throw(error)
                else:
                    step = plan.send(came)
        except StopIteration as end:
            return cast("T", end.value)

    async def _iterate(self, pages: Pages[Item]) -> AsyncIterator[Item]:
        is_last = False
        while not is_last:
            items, is_last = await self._run(pages.next_page())
            for item in items:
                yield item

    async def _carry_out(self, step: Send | Rest) -> Any:
        if isinstance(step, Rest):
            return await self._core.clock.asleep(step.seconds)
        import asyncio  # noqa: PLC0415 - only who awaits needs it, and has imported it

        async with self._turns.of_this_loop(), asyncio.timeout(step.seconds):
            response = await self._http.send(self._request(step), auth=None, follow_redirects=False, stream=True)
            reader = Reader(response, step, self._core.clock)
            try:
                with reader:
                    async for chunk in reader.pieces(response.aiter_bytes):
                        reader.take(chunk)
            finally:
                await response.aclose()
        return reader.answer()
