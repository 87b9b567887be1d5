"""Requests to a mock gateway in process."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from kling_voices.mock import MockGateway
from kling_voices.mock._messages import Reply, Request

CREATE = "/kling/v1/general/custom-voices"
PRESETS = "/kling/v1/general/presets-voices"
DELETE = "/kling/v1/general/delete-voices"
VOICE = {"voice_name": "Ada", "voice_url": "https://example.com/ada.mp3"}
KEY = ("authorization", "Bearer mock-key")
JSON = ("content-type", "application/json")


class Answer(NamedTuple):
    """The status and content of a reply."""

    status: int
    content: Any

    @property
    def data(self) -> Any:
        """The data of the envelope."""
        return self.content["data"]


def send(
    gateway: MockGateway,
    method: str,
    path: str,
    body: Any = None,
    *,
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
) -> Reply:
    """Send a request with the right key; a body is sent as JSON."""
    content = b"" if body is None else json.dumps(body).encode()
    given = [KEY, *((JSON,) if body is not None else ()), *headers]
    return gateway.reply(Request(method, path, query, given, content))


def ask(
    gateway: MockGateway,
    method: str,
    path: str,
    body: Any = None,
    *,
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """Send a request, and decode the reply as JSON."""
    reply = send(gateway, method, path, body, query=query, headers=headers)
    return Answer(reply.status, json.loads(reply.body) if reply.body else None)
