"""Reading and validating the parameters of a request: path, query, header and cookie."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from .._messages import Request
from .document import Document
from .schemas import flatten, types

# OpenAPI says that declarations of these headers are ignored.
_IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})
_INTEGER = re.compile(r"-?[0-9]{1,300}")
_NUMBER = re.compile(r"-?[0-9]{1,200}(\.[0-9]{1,200})?([eE][+-]?[0-9]{1,2})?")


class Parameter:
    """One parameter of an operation."""

    def __init__(self, document: Document, description: Mapping[str, Any]) -> None:
        self.name: str = description["name"]
        self.place: str = description["in"]
        self._is_required = self.place == "path" or description.get("required") is True
        self._is_json = "content" in description
        schema = next(iter(description["content"].values())) if self._is_json else description
        self._schema = flatten(document, schema.get("schema", {}))
        self._validator = document.validator(self._schema)
        style = description.get("style", "form" if self.place in {"query", "cookie"} else "simple")
        self._separator = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
        self._is_exploded = style == "form" and description.get("explode", True)
        self._is_checked = style != "deepObject"
        self.default = self._schema.get("default")

    def read(self, texts: Sequence[str]) -> Any:
        """The value of the parameter, from all texts given for it; its default or None without any.

        Raises ValueError with a sentence that names the parameter.
        """
        if not texts:
            if self._is_required and self._is_checked:
                raise ValueError(f"the {self.place} parameter {self.name} is missing")
            return self.default
        for value in self._values(texts):
            if not self._is_checked or self._validator.is_valid(value):
                return value
        raise ValueError(f"the {self.place} parameter {self.name} is invalid")

    def _values(self, texts: Sequence[str]) -> Iterator[Any]:
        """What the texts can mean, the first valid one counts."""
        if "array" in types(self._schema):
            parts = (
                list(texts) if self._is_exploded else [part for text in texts for part in text.split(self._separator)]
            )
            items = self._schema.get("items")
            item_types = types(items) if isinstance(items, dict) else []
            yield [next(_meanings(part, item_types)) for part in parts]
        elif len(texts) == 1:
            if self._is_json or "object" in types(self._schema):
                yield from _decoded(texts[0])
            yield from _meanings(texts[0], types(self._schema))


def parameters(document: Document, declared: Sequence[Any]) -> tuple[Parameter, ...]:
    """The parameters of an operation. A later declaration replaces an earlier one of the same name and place."""
    found = {}
    for description in map(document.resolve, declared):
        name = description["name"].lower() if description["in"] == "header" else description["name"]
        if description["in"] != "header" or name not in _IGNORED_HEADERS:
            found[description["in"], name] = description
    return tuple(Parameter(document, description) for description in found.values())


def read_parameters(
    declared: tuple[Parameter, ...], path_values: Mapping[str, str], request: Request
) -> dict[str, dict[str, Any]]:
    """All parameters of a request, by place and name. Raises ValueError if one is missing or invalid.

    Parameters of path and query that are not declared are texts.
    """
    query = parse_qs(request.query, keep_blank_values=True) if request.query else {}
    undeclared = {name: texts[0] for name, texts in query.items()}
    found: dict[str, dict[str, Any]] = {"path": dict(path_values), "query": undeclared, "header": {}, "cookie": {}}
    for parameter in declared:
        match parameter.place:
            case "path":
                texts = [path_values[parameter.name]] if parameter.name in path_values else []
            case "query":
                texts = query.get(parameter.name, [])
            case "header":
                texts = request.header(parameter.name.lower())
            case _:
                texts = _cookie(request, parameter.name)
        found[parameter.place][parameter.name] = parameter.read(texts)
    return found


def _meanings(text: str, kinds: list[str]) -> Iterator[Any]:
    """The values that a text can stand for, those of the given types first."""
    if "integer" in kinds or "number" in kinds:
        if _INTEGER.fullmatch(text):
            yield int(text)
        elif _NUMBER.fullmatch(text) and "number" in kinds:
            yield float(text)
    if "boolean" in kinds and text in {"true", "false"}:
        yield text == "true"
    if "null" in kinds and not text:
        yield None
    yield text


def coerce(text: str, kinds: list[str]) -> Any:
    """The value of a text in a form, given the types that the schema allows."""
    return next(_meanings(text, kinds))


def _decoded(text: str) -> Iterator[Any]:
    try:
        yield json.loads(text)
    except ValueError:
        return


def _cookie(request: Request, name: str) -> list[str]:
    try:
        jar = SimpleCookie("; ".join(request.header("cookie")))
    except CookieError:
        return []
    return [jar[name].value] if name in jar else []
