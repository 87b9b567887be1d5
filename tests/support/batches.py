"""Batches in tests: requests, and a gateway that records how each create was answered."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from kling_voices import VoiceRequest, VoiceResult
from kling_voices.mock import MockGateway, VirtualClock

from .clients import Kind, open_client

URL = "https://example.com/ada.mp3"
KEY = "mock-key"
SILENCE = "https://example.com/silence.mp3"


def requests(count: int, *, url: str = URL) -> list[VoiceRequest]:
    """Requests with different names."""
    return [VoiceRequest(f"Voice {number}", voice_url=url) for number in range(count)]


def states(results: list[VoiceResult]) -> dict[str, int]:
    """How many results there are, by state."""
    return dict(Counter(result.state for result in results))


class RecordingGateway:
    """A mock gateway, and for each external task id how often a create was sent that may have been accepted.

    The mock refuses an external id that is taken, so its tasks alone would not show a create that was sent twice.
    """

    def __init__(self, gateway: MockGateway) -> None:
        self.gateway = gateway
        self.creates: Counter[str] = Counter()
        self.refusals = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The handler for `httpx.MockTransport`."""
        is_create = request.method == "POST" and request.url.path.endswith("/custom-voices")
        external_task_id = json.loads(request.read())["external_task_id"] if is_create else ""
        try:
            response = self.gateway.handle(request)
        except httpx.ConnectError:
            raise
        except BaseException:
            self.creates[external_task_id] += is_create
            raise
        is_rejected = 400 <= response.status_code < 500
        self.refusals += is_create and response.status_code == 429
        self.creates[external_task_id] += is_create and not is_rejected
        return response

    def sent_twice(self) -> list[str]:
        """External ids of creates that were sent again although they may have been accepted."""
        return [external_task_id for external_task_id, count in self.creates.items() if external_task_id and count > 1]


def run_batch(
    kind: Kind,
    gateway: MockGateway | RecordingGateway,
    clock: VirtualClock,
    batch: Any,
    ledger: Path,
    **options: Any,
) -> list[VoiceResult]:
    """Run a batch to its end with any kind of client."""
    with open_client(kind, gateway.handle, clock=clock, api_key=KEY, gateway="mock") as call:
        results: list[VoiceResult] = call("create_many", batch, ledger=ledger, **options)
        return results


def rows(ledger: Path) -> Iterator[dict[str, Any]]:
    """The rows of a ledger file, read without the package."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(ledger)) as connection:
        connection.row_factory = sqlite3.Row
        yield from map(dict, connection.execute("SELECT * FROM voices ORDER BY rowid"))
