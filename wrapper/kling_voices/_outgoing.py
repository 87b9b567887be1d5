"""The request that leaves: what the generated code described, with our base URL, key and time-out.

It is written line by line, and not by `httpx.Client.build_request`, which merges it through five copies of its headers
and takes a quarter of a call. What a caller's client adds (headers, cookies, parameters) it has all the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import httpx

from ._compact import compact
from ._gateways import Destination
from ._originals import is_original
from ._steps import Send
from ._transport_errors import MARK
from .errors import InvalidInputError

_ENCODED_BY_HTTPX = ("content", "data", "files")


def build_request(http: httpx.Client | httpx.AsyncClient, destination: Destination, step: Send) -> httpx.Request:
    """The request for one exchange.

    Raises InvalidInputError when the client is closed, and for arguments that no request can carry.
    """
    if http.is_closed:
        raise InvalidInputError("this client is closed; make a new one")
    writes = _written if is_original(getattr(http.build_request, "__func__", None), "httpx._client") else _built
    try:
        request = writes(http, destination, step)
    except (TypeError, ValueError, httpx.InvalidURL, RecursionError) as error:
        raise InvalidInputError(f"the request cannot be written: {type(error).__name__}") from None
    request.read()  # so that whoever looks at it, an event hook or a mock, finds its content
    return request


def _built(http: httpx.Client | httpx.AsyncClient, destination: Destination, step: Send) -> httpx.Request:
    """By the `build_request` of a caller's own class, which may sign it, or add what its proxy wants."""
    described = dict(step.request)
    described["url"] = destination.base_url + described["url"]
    described["headers"] = _our_headers(described, destination)
    return http.build_request(**described, extensions=_extensions(http, step))


def _written(http: httpx.Client | httpx.AsyncClient, destination: Destination, step: Send) -> httpx.Request:
    described = step.request
    url = _url(destination.base_url + described["url"])
    ours = _our_headers(described, destination)
    body: dict[str, Any]
    if described.get("json") is None:
        lines = _merged(http.headers, ours)  # httpx adds those that belong to the body
        body = {name: described[name] for name in _ENCODED_BY_HTTPX if name in described}
    else:
        content = compact(described["json"])
        ours.setdefault("Content-Type", "application/json")
        ours["Content-Length"] = str(len(content))
        lines = _merged(http.headers, ours)
        if "host" not in http.headers:
            lines.insert(0, (b"Host", url.netloc))
        body = {"stream": httpx.ByteStream(content)}
    params = described.get("params")
    return httpx.Request(
        described["method"],
        url,
        params=http.params.merge(params) if http.params else params,
        headers=lines,
        cookies=http.cookies or None,
        extensions=_extensions(http, step),
        **body,
    )


def _our_headers(described: dict[str, Any], destination: Destination) -> dict[str, str]:
    return {**described.get("headers", {}), "Authorization": f"Bearer {destination.api_key}"}


def _merged(theirs: httpx.Headers, ours: dict[str, str]) -> list[tuple[Any, Any]]:
    """The lines of the client, but those that we write ourselves."""
    names = {name.lower().encode() for name in ours}
    return [*(line for line in theirs.raw if line[0].lower() not in names), *ours.items()]


@lru_cache
def _url(text: str) -> httpx.URL:
    """Reading a URL takes as long as everything that we do for a call, and most calls go to the same."""
    return httpx.URL(text)


def _extensions(http: httpx.Client | httpx.AsyncClient, step: Send) -> dict[str, Any]:
    """Waiting for a connection ends before the whole does: only then is it known that nothing was sent."""
    part = None if getattr(http, "is_timed_as_a_whole", False) else step.seconds
    connecting = 0.95 * step.seconds
    return {"timeout": {"connect": connecting, "read": part, "write": part, "pool": connecting}, MARK: True}
