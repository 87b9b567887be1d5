"""Valid input for `create_voice`, and answers generated from the contract's own schemas."""

from __future__ import annotations

from functools import cache
from typing import Any

import schemathesis
from hypothesis import strategies as st

from .contract import CONTRACT

_SEGMENT = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
_HOSTS = st.sampled_from(["cdn.example.com", "example.org", "xn--bcher-kva.example", "203.0.113.7:8080"])
_QUERIES = st.sampled_from(["", "?sig=abc", "?X-Amz-Signature=0f&x=1", "#t=1"])


def urls(extensions: tuple[str, ...] = ("",)) -> st.SearchStrategy[str]:
    """Addresses whose path ends in one of `extensions`."""
    return st.builds(
        lambda scheme, host, path, extension, query: f"{scheme}://{host}/{'/'.join(path)}{extension}{query}",
        st.sampled_from(["http", "https"]),
        _HOSTS,
        st.lists(_SEGMENT, min_size=1, max_size=3),
        st.sampled_from(extensions),
        _QUERIES,
    )


names = st.text(min_size=1, max_size=20)
ids = st.text(min_size=1, max_size=40).filter(lambda text: text not in {".", ".."})
voice_urls = urls(("", ".mp3", ".wav", ".mp4", ".mov", ".MP3"))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)

_sources = st.one_of(
    st.fixed_dictionaries({"voice_url": voice_urls}, optional={"video_id": st.sampled_from(["", None])}),
    st.fixed_dictionaries({"video_id": ids}, optional={"voice_url": st.sampled_from(["", None])}),
)
_extras = st.fixed_dictionaries(
    {},
    optional={
        "callback_url": st.none() | st.just("") | urls(),
        "external_task_id": st.none() | st.just("") | ids,
        "extra_body": st.none()
        | st.dictionaries(st.sampled_from(["language", "x_new", "speed"]), json_values, max_size=2),
    },
)


def create_arguments() -> st.SearchStrategy[dict[str, Any]]:
    """Keyword arguments that `create_voice` takes, all valid."""
    return st.builds(lambda name, source, extras: {"voice_name": name, **source, **extras}, names, _sources, _extras)


@cache
def matching(schema_json: str) -> st.SearchStrategy[Any]:
    """Values that a schema of the contract allows, given as JSON text so that they are made once.

    The schema becomes the body of an operation that exists for this only: that is how schemathesis generates data.
    """
    import json

    document = {
        "openapi": "3.1.0",
        "info": {"title": "answers", "version": "1"},
        "paths": {
            "/answer": {
                "post": {
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": json.loads(schema_json)}},
                    },
                    "responses": {"200": {"description": "ok"}},
                }
            }
        },
        "components": CONTRACT["components"],
    }
    operation = schemathesis.openapi.from_dict(document)["/answer"]["POST"]
    return operation.as_strategy().map(lambda case: case.body)
