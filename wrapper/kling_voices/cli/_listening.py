"""The receiver of callbacks as a program in the foreground."""

from __future__ import annotations

import logging
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..callbacks import CallbackApp, SQLiteStore
from ..errors import InvalidInputError, KlingVoicesError
from ._console import print_json, print_message
from ._output import print_tasks, task_as_json

if TYPE_CHECKING:
    from ..client import KlingVoices
    from ..models import VoiceTask

_MAX_CONNECTIONS = 200


def listen_until_interrupted(
    client: KlingVoices,
    host: str,
    port: int,
    *,
    token: str | None,
    secret_file: Path | None,
    store_file: Path | None,
    as_json: bool,
) -> None:
    """Receive callbacks until interrupted.

    Raises InvalidInputError if an argument is invalid, the address cannot be used, or the extra `callbacks` is missing.
    Raises KlingVoicesError if stdout cannot be written.
    """
    try:
        import uvicorn  # noqa: PLC0415 - the extra may be missing
    except ImportError:
        raise InvalidInputError("uvicorn is missing; run: pip install 'kling-voices[callbacks]'") from None

    store = SQLiteStore(store_file or ":memory:")
    store.retry_failed()
    path = secrets.token_urlsafe(24) if token is None else token
    output = _Output(_print_as_json if as_json else _print_as_text)
    app = CallbackApp(client, token=path, secret=_read_secret(secret_file), on_task=output.print_task, store=store)
    logging.getLogger("kling_voices").addHandler(_Messages(logging.WARNING))
    with _listening_socket(host, port) as listening:
        # A token that the user has chosen is a secret of theirs, so it is not repeated.
        shown = path if token is None else "<the token>"
        print_message(f"callbacks are received at {_base_url(listening)}/{shown} until Ctrl-C")
        config = uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,  # its lines would show the token
            limit_concurrency=_MAX_CONNECTIONS,
            server_header=False,
            timeout_graceful_shutdown=15,
        )
        output.server = uvicorn.Server(config)
        output.server.run(sockets=[listening])
    if output.failure is not None:
        raise output.failure


class _Output:
    """Prints tasks. If stdout cannot be written, the server stops, and the task stays in the store for the next start.

    Attributes:
        server: The server to stop.
        failure: The first failure of stdout.
    """

    def __init__(self, print_task: Callable[[VoiceTask], None]) -> None:
        self.server: Any = None
        self.failure: KlingVoicesError | None = None
        self._print_task = print_task

    def print_task(self, task: VoiceTask) -> None:
        """Print a task. Raises KlingVoicesError if stdout cannot be written, now or earlier."""
        if self.failure is None:
            try:
                self._print_task(task)
            except KlingVoicesError as failure:
                self.failure = failure
                if self.server is not None:
                    self.server.should_exit = True
        if self.failure is not None:
            raise self.failure


def _print_as_text(task: VoiceTask) -> None:
    print_tasks([task], as_json=False)


def _print_as_json(task: VoiceTask) -> None:
    print_json(task_as_json(task), indent=None)


class _Messages(logging.Handler):
    """Prints the message of a record, without its traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        print_message(record.getMessage())


def _read_secret(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InvalidInputError(f"the secret file {file} cannot be read: {reason}") from None


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not an IP address of this machine"
        raise InvalidInputError(f"cannot listen on {host} port {port}: {reason}") from None


def _base_url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
