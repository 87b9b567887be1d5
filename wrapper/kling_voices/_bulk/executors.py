"""Executors that check and stage recordings: local processes, or a Dask cluster.

Both are used through `concurrent.futures`. Only preparation runs there, because it may be repeated: Dask runs finished
work again when it loses a worker. A paid create must never be repeated, so it is never submitted to an executor.
"""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from typing import Any, Protocol

from ..errors import ConnectionFailedError, InvalidInputError

MAX_PROCESSES = 4  # a check takes a second, and a voice many: a few processes are far ahead of any account
_CONNECT_TIMEOUT = "10s"


class Pool(Protocol):
    """Calls functions elsewhere. Thread-safe."""

    def run(self, function: Any, *arguments: Any) -> Any:
        """Call a function and return its result, or raise its exception; it may be called more than once.

        Raises:
            InvalidInputError: The process that ran it has crashed, again and again.
            ConnectionFailedError: The pool was closed.
        """

    def close(self) -> None:
        """Cancel what has not started, and end the workers."""


def open_pool(prepare_on: str | None = None) -> Pool:
    """Processes of this machine, or the Dask cluster with this scheduler, such as `tcp://scheduler:8786`.

    Raises:
        InvalidInputError: The extra `audio` or `dask` is not installed, or the address is invalid.
        ConnectionFailedError: The scheduler cannot be reached.
    """
    return ProcessPool() if prepare_on is None else DaskPool(prepare_on)


class ProcessPool:
    """Processes of this machine, which never import the caller's main module.

    The standard library's processes do, so a script without `if __name__ == "__main__"` would run again from its start,
    including its paid creates. The processes start with the first call.
    """

    def __init__(self, processes: int | None = None) -> None:
        try:
            import loky  # noqa: F401, PLC0415 - the extra may be missing
        except ImportError:
            raise InvalidInputError(
                "checking and staging many files needs extras: pip install 'kling-voices[audio,stage]'"
            ) from None
        self._width = processes or min(MAX_PROCESSES, os.cpu_count() or 1)
        self._executor: Executor | None = None
        self._is_closed = False
        self._lock, self._one_at_a_time = threading.Lock(), threading.Lock()

    def run(self, function: Any, *arguments: Any) -> Any:
        """Call a function. If a process crashes, each call that it takes along is repeated alone."""
        try:
            return self._submit(function, *arguments).result()
        except BrokenExecutor:
            if not self._is_closed:
                return self._run_alone(function, *arguments)
        except CancelledError:
            pass
        raise ConnectionFailedError("the preparation was stopped", request_sent=False)

    def close(self) -> None:
        """End the processes; a second time does nothing."""
        with self._lock:
            self._is_closed = True
            if self._executor is not None:
                _stop(self._executor)
                self._executor = None

    def _submit(self, function: Any, *arguments: Any) -> Future[Any]:
        with self._lock:
            if self._is_closed:
                raise ConnectionFailedError("the preparation was stopped", request_sent=False)
            if self._executor is None:
                self._executor = _start(self._width)
            try:
                return self._executor.submit(function, *arguments)
            except BrokenExecutor:
                _stop(self._executor)
                self._executor = _start(self._width)
                return self._executor.submit(function, *arguments)

    def _run_alone(self, function: Any, *arguments: Any) -> Any:
        with self._one_at_a_time:
            executor = _start(1)
            try:
                return executor.submit(function, *arguments).result()
            except BrokenExecutor:
                raise InvalidInputError(
                    f"{arguments[0]}: the process that read it has crashed; export the recording again"
                ) from None
            finally:
                _stop(executor)


def _start(processes: int) -> Executor:
    from loky import ProcessPoolExecutor  # noqa: PLC0415
    from loky.backend import get_context  # noqa: PLC0415

    # Ctrl-C reaches all processes of the terminal. Only the one that owns the ledger reacts.
    executor: Executor = ProcessPoolExecutor(
        processes, context=get_context("loky"), initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    )
    return executor


def _stop(executor: Any) -> None:
    executor.shutdown(wait=True, kill_workers=True)


class DaskPool:
    """The workers of a Dask cluster. They need this package, the same files, and the same environment variables."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client  # noqa: PLC0415 - the extra may be missing, and it is slow to import
        except ImportError:
            raise InvalidInputError("a Dask cluster needs the extra `dask`: pip install 'kling-voices[dask]'") from None
        try:
            self._client = Client(address, timeout=_CONNECT_TIMEOUT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            reason = str(error).partition("\n")[0]
            raise ConnectionFailedError(
                f"the Dask scheduler {address} cannot be reached: {reason}", request_sent=False
            ) from None
        self._executor = self._client.get_executor(pure=False)

    def run(self, function: Any, *arguments: Any) -> Any:
        """Call a function. Dask repeats the call if its worker is lost, up to three times."""
        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        try:
            return self._executor.submit(function, *arguments).result()
        except KilledWorker:
            raise InvalidInputError(
                f"{arguments[0]}: the Dask workers that read it have ended; export the recording again"
            ) from None
        except (CancelledError, OSError, RuntimeError) as error:
            raise ConnectionFailedError(
                f"the Dask cluster was lost, or the preparation was stopped: {error}", request_sent=False
            ) from None

    def close(self) -> None:
        """Cancel what has not finished, and disconnect. The cluster is the user's."""
        self._executor.shutdown(wait=False)
        self._client.close()
