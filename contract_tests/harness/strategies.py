"""Hypothesis strategies: valid input for clients, and responses generated from the contract's schemas."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig

from .operations import Operation

MAX_ITEMS = 3  # of generated arrays; longer ones take long to generate and show nothing new

_SEGMENT = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
_HOSTS = st.sampled_from(["cdn.example.com", "example.org", "xn--bcher-kva.example", "203.0.113.7:8080"])
_QUERIES = st.sampled_from(["", "?sig=abc", "?X-Amz-Signature=0f&x=1", "#t=1"])


def urls(extensions: tuple[str, ...] = ("",)) -> st.SearchStrategy[str]:
    """URLs whose path ends in one of `extensions`."""
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
    """Valid keyword arguments of `create_voice`."""
    return st.builds(lambda name, source, extras: {"voice_name": name, **source, **extras}, names, _sources, _extras)


def call_arguments(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    """Valid keyword arguments of `call` for an operation: ids in its path, its query parameters, and its body."""
    parts: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(operation.parameters_in("path"), ids)
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, parameter in operation.parameters_in("query").items():
        (parts if parameter.get("required") else optional)[argument_name(name)] = matching(
            operation, parameter["schema"]
        )
    if operation.body:
        (parts if operation.body.is_needed else optional)["body"] = matching(operation, operation.body.schema)
    return st.fixed_dictionaries(parts, optional=optional)


def argument_name(parameter: str) -> str:
    """The name that the generated code gives a parameter: in snake case."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", parameter).replace("-", "_").lower()


def responses(operation: Operation) -> st.SearchStrategy[Any]:
    """The bodies of successful responses that the contract allows."""
    return matching(operation, operation.response_schema())


def matching(operation: Operation, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that are valid by a schema of the operation's document."""
    return _matching(json.dumps(schema), json.dumps(operation.document.get("components", {})))


@cache
def _matching(schema: str, components: str) -> st.SearchStrategy[Any]:
    # schemathesis generates request bodies, so the schema becomes the body of an artificial operation.
    body = {"required": True, "content": {"application/json": {"schema": _with_short_arrays(json.loads(schema))}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "values", "version": "1"},
        "paths": {"/value": {"post": {"requestBody": body, "responses": {"200": {"description": "ok"}}}}},
        "components": _with_short_arrays(json.loads(components)),
    }
    operation = schemathesis.openapi.from_dict(document, config=SchemathesisConfig())["/value"]["POST"]
    return operation.as_strategy().map(lambda case: case.body)


def _with_short_arrays(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_short_arrays(member) for member in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _with_short_arrays(member) for key, member in node.items()}
    if copy.get("type") == "array":
        copy.setdefault("maxItems", max(MAX_ITEMS, copy.get("minItems", 0)))
    return copy
