"""The steps that a flow yields: send a request, or sleep.

A flow is a generator. It yields a step and receives the step's result, so every rule is written once, without input or
output. A synchronous and an asynchronous loop run the steps (`_http/runners.py`).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


class SendRequest(NamedTuple):
    """Send a request, as described by the generated code; the result is a `RawResponse`."""

    request: dict[str, Any]
    timeout: float  # seconds for the whole exchange; in the synchronous client, for each step of it


class Sleep(NamedTuple):
    """Do nothing for some seconds; the result is None."""

    seconds: float


class TransportFailure(Exception):
    """A request got no response. The transport's own exception is the `__cause__`.

    Attributes:
        request_sent: Whether the request may have reached the gateway.
    """

    def __init__(self, message: str, *, request_sent: bool) -> None:
        super().__init__(message)
        self.request_sent = request_sent


Flow: TypeAlias = Generator[SendRequest | Sleep, Any, T]
