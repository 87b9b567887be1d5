"""The requests that are sent, compared with those that httpx builds."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices import InvalidInputError
from kling_voices._flows.steps import SendRequest
from kling_voices._http.endpoint import Endpoint
from kling_voices._http.requests import build_request

ENDPOINT = Endpoint("kkiai", "https://www.kkiai.com", "key-0123456789")
NAMES = st.sampled_from(["X-Trace", "x-trace", "Accept", "User-Agent", "Host", "host", "Authorization", "Content-Type"])
TEXT = st.text("abcXYZ019 -_.", min_size=1, max_size=8).map(str.strip)
PARAMS = st.dictionaries(st.sampled_from(["a", "page_num"]), st.one_of(TEXT, st.integers(0, 9)), max_size=2)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=5,
)
BODIES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"json": JSON}),
    st.fixed_dictionaries({"content": st.binary(max_size=9)}),
    st.fixed_dictionaries({"data": st.dictionaries(TEXT, TEXT, min_size=1, max_size=2)}),
)
DESCRIBED = st.builds(
    lambda method, headers, body, params: {
        "method": method,
        "url": "/kling/v1/x",
        "headers": headers | ({"Content-Type": "application/json"} if "json" in body else {}),
        **body,
        **params,
    },
    st.sampled_from(["get", "post", "put", "delete"]),
    st.dictionaries(st.sampled_from(["X-Order", "Accept"]), TEXT, max_size=2),
    BODIES,
    st.just({}) | st.fixed_dictionaries({"params": PARAMS}),
)
CLIENTS = st.builds(
    lambda headers, cookies, params: httpx.Client(
        headers=headers, cookies=cookies, params=params, transport=httpx.MockTransport(lambda _: httpx.Response(200))
    ),
    st.lists(st.tuples(NAMES, TEXT), max_size=4),
    st.dictionaries(st.sampled_from(["session", "lang"]), st.text("abc", min_size=1), max_size=2),
    PARAMS,
)


@given(http=CLIENTS, described=DESCRIBED)
def test_requests_are_built_by_httpx(http: httpx.Client, described: dict[str, Any]) -> None:
    """For every client of a caller and every described request, headers, URL and body are those that httpx builds."""
    ours = build_request(http, ENDPOINT, SendRequest(described, 60.0))
    headers = described["headers"] | {"Authorization": f"Bearer {ENDPOINT.api_key}"}
    url = ENDPOINT.base_url + described["url"]
    theirs = http.build_request(**described | {"url": url, "headers": headers})
    assert (ours.method, ours.url, ours.content) == (theirs.method, theirs.url, theirs.content)
    assert _lines(ours) == _lines(theirs)


def _lines(request: httpx.Request) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in request.headers.multi_items())


@pytest.mark.parametrize("http", [httpx.Client(), httpx.AsyncClient()], ids=["sync", "async"])
def test_timeouts(http: httpx.Client | httpx.AsyncClient) -> None:
    """Connecting and waiting for a connection time out before the whole request does, while nothing has been sent."""
    request = build_request(http, ENDPOINT, SendRequest({"method": "get", "url": "/x"}, 20.0))
    assert request.extensions["timeout"] == {"connect": 19.0, "read": 20.0, "write": 20.0, "pool": 19.0}


def _deep() -> list[Any]:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    return nested


NOT_JSON = {"nan": float("nan"), "surrogate": "\ud800", "object": object(), "deep": _deep()}


@pytest.mark.parametrize("value", NOT_JSON.values(), ids=NOT_JSON)
def test_requests_that_cannot_be_encoded(value: Any) -> None:
    """A request that cannot be encoded is reported in one sentence, and nothing is sent."""
    with pytest.raises(InvalidInputError, match="the request cannot be encoded"):
        build_request(httpx.Client(), ENDPOINT, SendRequest({"method": "post", "url": "/x", "json": value}, 1.0))


class Signing(httpx.Client):
    """A caller's client that signs what it sends."""

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        """A signed request."""
        request = super().build_request(*args, **kwargs)
        request.headers["X-Signature"] = str(len(request.content))
        return request


def _patched() -> httpx.Client:
    http = httpx.Client()
    http.build_request = Signing().build_request  # type: ignore[method-assign]
    return http


@pytest.mark.parametrize("http", [Signing(), _patched()], ids=["subclass", "patched"])
def test_a_callers_own_way_of_building_is_used(http: httpx.Client) -> None:
    """A caller's client that overrides `build_request`, for example to sign requests, is respected."""
    described = {"method": "post", "url": "/x", "json": {"a": 1}, "headers": {"Content-Type": "application/json"}}
    request = build_request(http, ENDPOINT, SendRequest(described, 20.0))
    assert (request.headers["X-Signature"], request.headers["Authorization"]) == ("7", "Bearer key-0123456789")
    assert request.extensions["timeout"]["connect"] == 19.0


def test_json_is_called_json() -> None:
    """A JSON body is sent as JSON, even if the generated code describes no content type."""
    request = build_request(
        httpx.Client(), ENDPOINT, SendRequest({"method": "post", "url": "/x", "json": {"a": 1}}, 1.0)
    )
    assert request.headers["Content-Type"] == "application/json"
