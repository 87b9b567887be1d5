"""The last request that a test client sent. The report of the contract tests shows it for a failed test."""

from __future__ import annotations

import httpx


class LastRequest:
    """Remembers one request. Tests of one process run one after another, so one instance serves them all."""

    def __init__(self) -> None:
        self.request: httpx.Request | None = None

    def remember(self, request: httpx.Request) -> None:
        """Replace the remembered request."""
        self.request = request

    def forget(self) -> None:
        """Forget the request, before a test starts."""
        self.request = None


last_request = LastRequest()
