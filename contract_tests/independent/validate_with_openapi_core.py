"""Validates exchanges with openapi-core. A script of its own, because openapi-core needs older packages than we use.

    python validate_with_openapi_core.py DOCUMENT < EXCHANGES

Reads a JSON list of exchanges from stdin, and writes a JSON list of problems to stdout.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BASE_URL = "http://mock.example"


def problems(document: dict[str, Any], exchanges: list[dict[str, Any]]) -> list[str]:
    """The requests and responses that do not follow the document."""
    import openapi_core  # type: ignore[import-not-found,unused-ignore]
    from openapi_core.testing import MockRequest, MockResponse  # type: ignore[import-not-found,unused-ignore]

    api = openapi_core.OpenAPI.from_dict({**document, "servers": [{"url": BASE_URL}]})
    found = []
    for exchange in exchanges:
        request = MockRequest(
            BASE_URL,
            exchange["method"].lower(),
            exchange["path"],
            args=exchange["query"],
            headers=exchange["request_headers"],
            data=exchange["request_body"].encode() or None,
            content_type=exchange["request_headers"].get("content-type", "application/json"),
        )
        response = MockResponse(
            exchange["response_body"].encode(),
            status_code=exchange["status"],
            content_type=exchange["response_content_type"],
        )
        place = f"{exchange['method']} {exchange['path']} {exchange['status']}"
        for validate, arguments in ((api.validate_request, (request,)), (api.validate_response, (request, response))):
            try:
                validate(*arguments)
            except openapi_core.exceptions.OpenAPIError as error:
                found.append(f"{place}: {error!r} {error.__cause__!r}"[:500])
    return found


if __name__ == "__main__":
    json.dump(problems(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), json.load(sys.stdin)), sys.stdout)
