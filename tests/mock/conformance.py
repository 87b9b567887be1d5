"""Requests that a contract allows, and whether a reply is one that it describes."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
from kling_voices.mock._contract.document import Document
from kling_voices.mock._contract.instances import InstanceBuilder
from kling_voices.mock._messages import Reply, Request

from tests.mock.requests import JSON, KEY

BOUNDARY = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'


def is_described(contract: dict[str, Any], operation: dict[str, Any], reply: Reply) -> bool:
    """Whether the contract describes the status of a reply, and its body is valid for the description."""
    described = operation["responses"]
    found = described.get(str(reply.status), described.get(f"{reply.status // 100}XX", described.get("default")))
    if found is None:
        return reply.status >= 400
    found = Document(contract).resolve(found)
    content = {name.partition(";")[0]: media for name, media in found.get("content", {}).items()}
    if not content:
        return True
    headers = dict(reply.headers)
    media = content[headers["content-type"].partition(";")[0]]
    value = json.loads(reply.body) if "json" in headers["content-type"] else reply.body.decode()
    schema = {"allOf": [media.get("schema", True)], "components": contract.get("components", {})}
    required = [name.lower() for name, header in found.get("headers", {}).items() if header.get("required")]
    return jsonschema_rs.Draft202012Validator(schema).is_valid(value) and set(required) <= set(headers)


def valid_request(contract: dict[str, Any], path: str, method: str, operation: dict[str, Any], item: Any) -> Request:
    """A request that the contract allows, built from its schemas."""
    builder = InstanceBuilder(Document(contract), fill=False)
    query, headers = [], [KEY]
    for node in (*item.get("parameters", ()), *operation.get("parameters", ())):
        parameter = Document(contract).resolve(node)
        text = str(builder.build(parameter["schema"]))
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", text)
        elif parameter["in"] == "query" and parameter.get("required"):
            query.append(f"{parameter['name']}={text}")
    body = b""
    for media_type, media in operation.get("requestBody", {}).get("content", {}).items():
        value = builder.build(media.get("schema", True))
        if "json" in media_type:
            body = json.dumps(value).encode()
            headers.append(JSON)
        elif media_type == "multipart/form-data":
            parts = (BOUNDARY % (name.encode(), b"", str(text).encode()) for name, text in value.items())
            body = b"".join(parts) + b"--b--\r\n"
            headers.append(("content-type", "multipart/form-data; boundary=b"))
        else:
            body = b"x=1"
            headers.append(("content-type", media_type))
    return Request(method.upper(), path, "&".join(query), headers, body)
