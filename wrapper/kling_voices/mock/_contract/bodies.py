"""Reading and validating request bodies: JSON, forms, files, and anything else as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs

from .._messages import Request
from .document import Document
from .parameters import coerce
from .schemas import flatten, types

BODY_LIMIT = 1024 * 1024  # bytes of a JSON body
_MAX_MESSAGE_LENGTH = 300  # characters; the validator's messages repeat the value


class BodyError(Exception):
    """The body is refused, with this status and Kling's code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class MediaType:
    """One media type of a request body."""

    def __init__(self, document: Document, name: str, description: Mapping[str, Any]) -> None:
        self._document, self._name = document, name
        self._schema = description.get("schema", {})

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        return self._document.validator(self._schema)

    def errors(self, value: Any) -> list[str]:
        """What the schema finds wrong with a value: one sentence each, without repetition."""
        if self._validator.is_valid(value):
            return []
        return list(dict.fromkeys(self._sentence(error) for error in self._validator.iter_errors(value)))

    def decode(self, body: bytes, content_type: str) -> Any:
        """The value of a body. Raises BodyError if it does not have the form of its media type."""
        if _is_json(self._name):
            return _decode_json(body)
        if self._name == "application/x-www-form-urlencoded":
            try:
                pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body))
            except ValueError:
                raise BodyError(400, 1200, "the body is not a valid form") from None
            return self._form(pairs)
        if self._name == "multipart/form-data":
            return self._form(_parts(body, content_type))
        return body.decode("latin-1")

    def _sentence(self, error: jsonschema_rs.ValidationError) -> str:
        place = ".".join(str(step) for step in error.instance_path) or "body"
        if "oneOf" in [str(step) for step in error.schema_path] and self._alternatives:
            return f"exactly one of {self._alternatives} must be given"
        return f"{place}: {error.message}"[:_MAX_MESSAGE_LENGTH]

    @cached_property
    def _alternatives(self) -> str:
        """The fields that the branches of a `oneOf` require, one each, as in "voice_url and video_id"."""
        flat = [flatten(self._document, branch) for branch in self._schema.get("oneOf", ())]
        required = [set(branch.get("required", ())) for branch in flat]
        own = [names - set.intersection(*required) for names in required]
        return " and ".join(name for names in own for name in names) if all(len(names) == 1 for names in own) else ""

    def _form(self, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        members = flatten(self._document, self._schema).get("properties", {})
        value: dict[str, Any] = {}
        for name, text in pairs:
            member = flatten(self._document, members.get(name, {}))
            if "array" in types(member):
                items = member.get("items", {})
                value.setdefault(name, []).append(coerce(text, types(flatten(self._document, items))))
            elif "object" in types(member):
                value[name] = _decode_json(text.encode())
            else:
                value[name] = coerce(text, types(member))
        return value


class Body:
    """The request body of an operation."""

    def __init__(self, document: Document, description: Mapping[str, Any]) -> None:
        self._is_required = description.get("required") is True
        content = description.get("content", {})
        self._media_types = {name.lower(): MediaType(document, name.lower(), content[name]) for name in content}
        self._accepted = " or ".join(self._media_types)

    def read(self, request: Request) -> Any:
        """The value of the body, None if there is none and it is optional. Raises BodyError."""
        if not request.body and not self._is_required:
            return None
        given = request.header("content-type")
        media_type = self._find(given[0].partition(";")[0].strip().lower()) if len(given) == 1 else None
        if media_type is None:
            raise BodyError(415, 1200, f"the body must be {self._accepted}")
        if len(request.body) > BODY_LIMIT and _is_json(given[0].partition(";")[0]):
            raise BodyError(400, 1200, f"the body is longer than {BODY_LIMIT} bytes")
        value = media_type.decode(request.body, given[0])
        errors = media_type.errors(value)
        if errors:
            raise BodyError(400, 1201, "; ".join(errors))
        return value

    def _find(self, name: str) -> MediaType | None:
        kind = name.partition("/")[0]
        for accepted in (name, f"{kind}/*", "*/*"):
            if accepted in self._media_types and name:
                return self._media_types[accepted]
        return None


def _is_json(media_type: str) -> bool:
    name = media_type.strip().lower()
    return name == "application/json" or name.endswith("+json")


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_decoder = json.JSONDecoder(parse_constant=_no_constant)


def _decode_json(body: bytes) -> Any:
    try:
        value = _decoder.decode(body.decode())
        if b"\\u" in body:  # an escape can be half a surrogate pair, which no response could contain
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BodyError(400, 1200, "the body is not valid JSON") from None
    return value


def _parts(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """The parts of a multipart body: name and content, bytes of files as the characters 0 to 255."""
    message = BytesParser(policy=HTTP).parsebytes(
        b"content-type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body
    )
    parts = message.iter_parts() if message.is_multipart() else None
    if parts is None:
        raise BodyError(400, 1200, "the body is not valid multipart/form-data")
    found = []
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise BodyError(400, 1200, "a part of the body has no name")
        content = part.get_payload(decode=True)
        is_file = part.get_filename() is not None
        raw = content if isinstance(content, bytes) else b""
        found.append((name, raw.decode("latin-1") if is_file else raw.decode("utf-8", "replace")))
    return found
