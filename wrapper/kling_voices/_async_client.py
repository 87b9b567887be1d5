"""The asynchronous client. `python wrapper/write_sync_client.py` writes the synchronous client from this module."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Self

import httpx

from ._bulk.models import BatchProgress, Parallel, Uploader, VoiceRequest, VoiceResult
from ._flows import call, create_voice, delete_voice, get_task, pages, wait
from ._flows.send import CallContext
from ._http.endpoint import Gateway, resolve_endpoint
from ._http.override import environment, overridable
from ._http.runners import AsyncRunner
from ._protocol.operations import default_catalog
from .clock import Clock, SystemClock
from .models import Voice, VoiceTask


class AsyncKlingVoices:
    """Kling custom voices on one gateway.

    Creating a client sends nothing. All tasks of an event loop (asyncio or trio) may share one client. Close it, or
    use it in an `async with` statement.

    Args:
        api_key: The key of the gateway account. None: `CHAINHUB_API_KEY` or `KKIAI_API_KEY` for that gateway, then
            `KLING_API_KEY`, read from the environment now. `gateway="mock"` needs no key.
        gateway: A `Gateway`, its name, or any base URL. None: `KLING_GATEWAY`, then chainhub, the server of the
            supplied document (S). `"mock"` is a mock gateway inside this process; it needs the extra `mock`.
        timeout: Seconds for one request and its response, up to a week. A call with all its retries ends after
            `timeout * (max_retries + 1)`, plus the lookup of a task after an ambiguous create.
        max_retries: How many times a request may be sent again. A create is sent again only if it cannot have been
            accepted.
        http_client: Your own client. Its transport, proxies, TLS settings, headers, cookies and event hooks are
            used, and you close it. Base URL, key, timeouts and retry rules are those of this client.
        clock: Time, sleeping and randomness, for tests, such as a `kling_voices.mock.VirtualClock`. None: the
            clock of the operating system.

    Raises:
        InvalidInputError: An argument is invalid, or there is no key.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        gateway: Gateway | str | None = None,
        timeout: float = 60.0,
        max_retries: int = 2,
        http_client: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        clock = overridable(clock or SystemClock())
        endpoint = resolve_endpoint(api_key, gateway, environment())
        self._context = CallContext(endpoint, timeout, max_retries, clock, default_catalog())
        self._runner = AsyncRunner(http_client, endpoint, clock)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(gateway={self._context.endpoint.name!r})"

    async def create_voice(
        self,
        voice_name: str,
        *,
        voice_url: str | None = None,
        video_id: str | None = None,
        callback_url: str | None = None,
        external_task_id: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> VoiceTask:
        """Create a voice, and return its task, which is usually not finished yet.

        Every create is charged. It is never sent twice if it could be charged twice: after an ambiguous failure, the
        task is looked up by its external id instead.

        Args:
            voice_name: 1 to 20 characters (V; enforced, L). A longer name is an error; it is never cut.
            voice_url: The public http or https address of an .mp3, .wav, .mp4 or .mov file with 5 to 30 seconds of one
                clean voice (S). Exactly one of `voice_url` and `video_id` is needed; an empty string counts as absent
                (T).
            video_id: The id of a video made by V2.6 with sound, by the digital human operation or by the lip-sync
                operation (S).
            callback_url: An http or https address that the gateway notifies of changes. It is unverified whether
                gateways send callbacks for voices (?), so treat a callback as a hint, and query the task.
            external_task_id: Your own id of the task, unique within the account (V). None: a new UUID.
            extra_body: Additional fields of the request, for a gateway that is newer than this version.

        Raises:
            InvalidInputError: An argument is invalid. Nothing was sent or charged.
            APIError: The gateway rejected the request. Nothing was created. The subclass states the cause.
            ConnectionFailedError: The gateway could not be reached. Nothing was created.
            OutcomeUnknownError: The voice may have been created, but the gateway does not show its task. Check again
                with `recover`. If the call is cancelled or interrupted instead, that exception has the attribute
                `external_task_id` and a note.
        """
        return await self._runner.run(
            create_voice.create_voice(
                self._context,
                voice_name,
                voice_url=voice_url,
                video_id=video_id,
                callback_url=callback_url,
                external_task_id=external_task_id,
                extra_body=extra_body,
            )
        )

    async def wait(
        self,
        task: VoiceTask | str,
        *,
        timeout: float = 600.0,  # noqa: ASYNC109 - measured by the clock of the client
        on_update: Callable[[VoiceTask], object] | None = None,
    ) -> VoiceTask:
        """Poll a task until it has succeeded, and return it.

        The delay between polls grows from 1 to 10 seconds and is randomized; `Retry-After` is honoured. Transient
        polling errors are tolerated. An unknown status neither ends the wait nor is it an error.

        Args:
            task: A task, a task id or an external task id.
            timeout: Maximum seconds to wait; 0 polls once.
            on_update: Called with the task after the first poll and whenever its status has changed.

        Raises:
            InvalidInputError: An argument is invalid.
            VoiceCreationFailedError: The task has failed. The error has the task.
            WaitTimeoutError: The task has not finished in time. The error has the task, for another call of `wait`.
            NotFoundError: The gateway does not know the task id.
            APIError: The gateway rejected the query for a reason that another poll would not change.
        """
        return await self._runner.run(wait.wait(self._context, task, timeout=timeout, on_update=on_update))

    async def create_and_wait(
        self,
        voice_name: str,
        *,
        voice_url: str | None = None,
        video_id: str | None = None,
        callback_url: str | None = None,
        external_task_id: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        timeout: float = 600.0,  # noqa: ASYNC109 - measured by the clock of the client
        on_update: Callable[[VoiceTask], object] | None = None,
    ) -> VoiceTask:
        """Create a voice, wait for it, and return the task, which has succeeded.

        Args:
            voice_name: This and the next five arguments are those of `create_voice`.
            voice_url: See `create_voice`.
            video_id: See `create_voice`.
            callback_url: See `create_voice`.
            external_task_id: See `create_voice`.
            extra_body: See `create_voice`.
            timeout: Maximum seconds to wait after the create, as for `wait`.
            on_update: As for `wait`; called first with the created task.

        Raises:
            KlingVoicesError: As for `create_voice` and `wait`. After the create was accepted, every error has the
                outcome "created" and the external task id.
        """
        return await self._runner.run(
            create_voice.create_and_wait(
                self._context,
                voice_name,
                voice_url=voice_url,
                video_id=video_id,
                callback_url=callback_url,
                external_task_id=external_task_id,
                extra_body=extra_body,
                timeout=timeout,
                on_update=on_update,
            )
        )

    def create_many(
        self,
        requests: Iterable[VoiceRequest] | AsyncIterable[VoiceRequest],
        *,
        ledger: str | os.PathLike[str],
        parallel: Parallel = "auto",
        stage: Uploader | str | None = None,
        prepare_on: str | None = None,
        max_creates: int | None = None,
        resend_unknown: bool = False,
        retry_refused: bool = False,
        accept_new_key: bool = False,
        timeout: float = 600.0,
        on_progress: Callable[[BatchProgress], object] | None = None,
    ) -> AsyncIterator[VoiceResult]:
        """Create many voices, as many at a time as the account allows, and iterate over the results as they finish.

        Kling limits the tasks of an account that run at the same time (V), so a create is only sent when a task has
        finished. The ledger records every step before it is acted on. After a crash, Ctrl-C or `break`, call this
        method again with the same requests and the same ledger: finished requests give their result again, tasks that
        run are waited for, and nothing is sent twice. Identical requests are one voice.

        A create that was refused because too many tasks run (1302, 1303; V) is sent again; that fails nothing. If the
        account has no credit (1100 to 1102; V), the key is invalid, the gateway is not reachable, or the outcome of
        five creates in a row is unknown, nothing more is sent, and the remaining requests are `skipped`.

        Args:
            requests: The requests. Any iterable; it is read as far as needed, so it may be long.
            ledger: The path of the ledger, an SQLite file. It is created if it does not exist. Keep it on a local disk.
                Several processes can share it. It contains no keys and no signed parts of URLs.
            parallel: How many tasks may run at the same time, 1 to 1000. `"auto"` searches for the account's limit.
            stage: The URL of an object store, or a `Stage` or another object whose `put` uploads a file and returns its
                URL. Needed for requests with `voice_file`.
            prepare_on: The address of a Dask scheduler on whose workers recordings are checked and uploaded.
            max_creates: How many creates may be sent by this call. Further requests are `skipped`.
            resend_unknown: Send a create again, under the same external id, if an earlier run may have sent it and the
                gateway does not show its task. If the gateway does not enforce unique ids, it can be charged twice.
            retry_refused: Send requests again that were refused in an earlier run.
            accept_new_key: Accept a ledger that was written with another key of the same account.
            timeout: Maximum seconds to wait for each task, up to a week.
            on_progress: Called with a `BatchProgress` whenever something has changed, and every ten seconds.

        Returns:
            An iterator of `VoiceResult`. It sends only while you iterate.

        Raises:
            InvalidInputError: An argument is invalid, or the ledger cannot be used: it is of a newer version, of
                another gateway or account, read-only, or no ledger. Raised by this call; nothing was sent.
            KlingVoicesError: The ledger could not be written. Raised during iteration; nothing more is sent.
        """
        from ._bulk.batch import Batch, BatchOptions  # noqa: PLC0415 - most callers create single voices
        from ._bulk.run_async import AsyncBatch  # noqa: PLC0415 - see above

        options = BatchOptions(
            ledger,
            parallel,
            stage,
            prepare_on,
            max_creates,
            resend_unknown,
            retry_refused,
            accept_new_key,
            timeout,
            on_progress,
        )
        return AsyncBatch(self._runner, self._context.clock, requests, Batch(self._context, options))

    async def get_task(self, task_id: str) -> VoiceTask:
        """Query a task once.

        Args:
            task_id: A task id, or the external task id of its create (V).

        Raises:
            InvalidInputError: The id is invalid. Nothing was sent.
            NotFoundError: The gateway does not know the task. That does not prove that it does not exist (G).
            APIError: The gateway rejected the query, also after retries.
            ConnectionFailedError: There was no response, also after retries.
        """
        return await self._runner.run(get_task.get_task(self._context, task_id))

    async def recover(self, external_task_id: str) -> VoiceTask | None:
        """Look up the task of a create whose outcome is unknown.

        Args:
            external_task_id: The id that the create was sent with. Every error of a create has it.

        Returns:
            The task, or None if the gateway does not know it. None does not prove that nothing was created: a gateway
            can query another upstream account (G).

        Raises:
            InvalidInputError: The id is invalid. Nothing was sent.
            APIError: The gateway rejected the query, also after retries.
            ConnectionFailedError: There was no response, also after retries.
        """
        return await self._runner.run(get_task.recover(self._context, external_task_id))

    def list_tasks(self, *, page_size: int = 30) -> AsyncIterator[VoiceTask]:
        """Iterate over the tasks of the account; each page is fetched when it is needed.

        Kling documents this operation (V); the gateways do not. A gateway account serves many customers, so the list
        can be partial or show tasks of others (G).

        Args:
            page_size: Tasks per page, 1 to 1000 (V).

        Raises:
            InvalidInputError: `page_size` is invalid. Raised by this call.
            APIError: The gateway rejected the request for a page, also after retries. Raised during iteration.
            ConnectionFailedError: There was no response, also after retries. Raised during iteration.
        """
        return self._runner.iterate(pages.list_tasks(self._context, page_size=page_size))

    def list_presets(self, *, page_size: int = 30) -> AsyncIterator[Voice]:
        """Iterate over Kling's preset voices (V); each page is fetched when it is needed.

        Args:
            page_size: Presets per page, 1 to 1000 (V).

        Raises:
            InvalidInputError: `page_size` is invalid. Raised by this call.
            APIError: The gateway rejected the request for a page, also after retries. Raised during iteration.
            ConnectionFailedError: There was no response, also after retries. Raised during iteration.
        """
        return self._runner.iterate(pages.list_presets(self._context, page_size=page_size))

    async def delete_voice(self, voice_id: str) -> VoiceTask:
        """Delete a voice permanently.

        A deletion is not charged, and a voice id is never used again. So a deletion without a response is sent again;
        if the voice no longer exists then, the deletion has succeeded.

        Args:
            voice_id: The id of the voice, not its name and not the id of its task (V).

        Returns:
            The task of the deletion. After a lost response, it may have nothing but `raw`.

        Raises:
            InvalidInputError: The id is invalid. Nothing was sent.
            APIError: The gateway rejected the deletion. Its response for a voice that does not exist is unverified (?).
            ConnectionFailedError: There was no response, also after retries. The voice may be deleted.
        """
        return await self._runner.run(delete_voice.delete_voice(self._context, voice_id))

    async def call(
        self,
        operation: str,
        /,
        *,
        wait: bool = False,
        timeout: float = 600.0,  # noqa: ASYNC109 - measured by the clock of the client
        on_update: Callable[[VoiceTask], object] | None = None,
        **arguments: Any,
    ) -> Any:
        """Call a generated operation by name, with this client's key, retry rules and errors.

        The rules of `create_voice` apply to every paid operation of Kling's task pattern: `POST X` with an
        `external_task_id` and `GET X/{id}` (V). It gets an external task id if the body has none, and it is never sent
        twice if it could be charged twice; after an ambiguous failure, its task is looked up instead. Any other write
        is sent again only if it cannot have been accepted.

        The arguments are checked only as far as the generated code needs it; `kling-voices call NAME --help` lists
        them. An operation with an argument of its own called `wait`, `timeout` or `on_update` does not receive it.

        Args:
            operation: The name, such as `create_custom_voice`.
            wait: Whether to wait until the created task has finished, or the queried one.
            timeout: Maximum seconds to wait, as for `wait`.
            on_update: As for `wait`. Tasks of other kinds have no voices; all their data is in `raw`.
            arguments: The arguments of the generated function. `body` is a mapping, the bytes of a file, or an instance
                of the generated class.

        Returns:
            The `data` of the response, or the whole response if there is no envelope. With `wait`, the data
            of the finished task.

        Raises:
            InvalidInputError: There is no such operation, the arguments do not fit, or there is no task to wait for.
                Nothing was sent.
            OutcomeUnknownError: The task may have been created, but the gateway does not show it. The message names the
                call to check with.
            VoiceCreationFailedError: The task has failed. The error has the task.
            WaitTimeoutError: The task has not finished in time. The message names the call to continue with.
            KlingVoicesError: As for the other methods.
        """
        return await self._runner.run(
            call.call(self._context, operation, arguments, wait=wait, timeout=timeout, on_update=on_update)
        )

    async def close(self) -> None:
        """Close the connections; a second time does nothing. Your own `http_client` stays open."""
        await self._runner.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()
