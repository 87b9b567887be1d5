"""Building httpx requests: the generated description, plus our base URL, key and timeouts."""

from __future__ import annotations

from functools import lru_cache

import httpx

from .._flows.steps import SendRequest
from ..errors import InvalidInputError
from .endpoint import Endpoint
from .exceptions import REQUEST_EXTENSION


def build_request(http: httpx.Client | httpx.AsyncClient, endpoint: Endpoint, step: SendRequest) -> httpx.Request:
    """The request of one step, with everything that the caller's client adds (headers, cookies, parameters).

    Raises InvalidInputError if the client is closed, or the arguments cannot be encoded.
    """
    if http.is_closed:
        raise InvalidInputError("this client is closed; create a new one")
    described = {
        **step.request,
        "url": _url(endpoint.base_url + step.request["url"]),
        "headers": {**step.request.get("headers", {}), "Authorization": f"Bearer {endpoint.api_key}"},
    }
    try:
        request = http.build_request(**described, timeout=_timeout(step.timeout), extensions={REQUEST_EXTENSION: True})
        request.read()  # event hooks and mocks expect to find the content
    except (TypeError, ValueError, httpx.InvalidURL, RecursionError) as error:
        raise InvalidInputError(
            f"the request cannot be encoded ({type(error).__name__}); correct the arguments"
        ) from None
    return request


@lru_cache
def _url(url: str) -> httpx.URL:
    """Parsing a URL takes as long as the rest of building a request, and most requests have the same one."""
    return httpx.URL(url)


@lru_cache
def _timeout(seconds: float) -> httpx.Timeout:
    """Connecting times out a little earlier than the whole: only then is it certain that nothing was sent."""
    connect = 0.95 * seconds
    return httpx.Timeout(seconds, connect=connect, pool=connect)
