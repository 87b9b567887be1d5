"""Known responses of gateways (G), by name: envelopes, string codes, HTML, and malformed bodies.

`Fault("shape_before", shape=…)` and `Fault("shape_after", shape=…)` send them.
"""

from __future__ import annotations

import json
from typing import Any

from ._messages import Reply

_HTML = b"<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"
_WITH_REQUEST_ID = "Invalid token (request id: 20261122000000000abc)"


def _json(status: int, content: Any, *headers: tuple[str, str]) -> Reply:
    return Reply(status, json.dumps(content).encode(), (("content-type", "application/json"), *headers))


def _raw(status: int, body: bytes, content_type: str = "application/json", *headers: tuple[str, str]) -> Reply:
    return Reply(status, body, (("content-type", content_type), *headers))


def _kling(status: int, code: int) -> Reply:
    return _json(status, {"code": code, "message": f"refused with {code}", "request_id": f"kling-{code}"})


def _one_api(status: int, kind: str, code: str, message: str = "refused (request id: gw-1)") -> Reply:
    return _json(status, {"error": {"message": message, "type": kind, "param": "", "code": code}})


_KLING = {
    401: (1000, 1001, 1002, 1003, 1004),
    429: (1100, 1101, 1102, 1302, 1303, 1304),
    403: (1103,),
    400: (1200, 1201, 1300, 1301),
    404: (1202, 1203),
    500: (5000,),
    503: (5001,),
    504: (5002,),
}

SHAPES: dict[str, Reply] = {
    **{f"kling {status} {code}": _kling(status, code) for status, codes in _KLING.items() for code in codes},
    **{f"kling 200 {code}": _kling(200, code) for codes in _KLING.values() for code in codes},
    "kling 200 unknown code": _kling(200, 9999),
    "kling 400 unknown code": _kling(400, 1999),
    "one-api 401": _one_api(401, "new_api_error", "", _WITH_REQUEST_ID),
    "one-api 403": _one_api(403, "one_api_error", ""),
    "one-api 403 no quota": _one_api(403, "new_api_error", "insufficient_user_quota"),
    "one-api 404 no such route": _one_api(404, "invalid_request_error", "", "Invalid URL (POST /kling/v2)"),
    "one-api 429": _one_api(429, "new_api_error", ""),
    "one-api 429 rate": _one_api(429, "new_api_error", "rate_limit_exceeded"),
    "one-api 429 no quota": _one_api(429, "new_api_error", "insufficient_user_quota"),
    "one-api 500": _one_api(500, "upstream_error", "bad_response_status_code"),
    "one-api 503": _one_api(503, "new_api_error", ""),
    "one-api 200": _one_api(200, "upstream_error", "bad_response_status_code"),
    "task failed 400": _json(400, {"code": "task_failed", "message": "failed", "data": None}),
    "task failed 500": _json(500, {"code": "task_failed", "message": "failed", "data": None}),
    "flat 400": _json(400, {"message": "failed", "type": "api_error", "param": "", "code": "request_failed"}),
    "flat 500": _json(500, {"message": "failed", "type": "api_error", "param": "", "code": "request_failed"}),
    "nested 400": _json(400, {"message": "failed", "data": {"data": {"code": 1201, "message": "bad"}}}),
    "nested 500": _json(500, {"message": "failed", "data": {"data": {"code": 1201, "message": "bad"}}}),
    "nested 200": _json(200, {"message": "failed", "data": {"data": {"code": 1301, "message": "bad"}}}),
    "empty 402": Reply(402, b""),
    "empty 429": Reply(429, b""),
    "429 with seconds to wait": Reply(429, b"", (("retry-after", "2"),)),
    "empty 408": Reply(408, b""),
    "empty 409": Reply(409, b""),
    "empty 413": Reply(413, b""),
    "empty 500": Reply(500, b""),
    "HTML 502": _raw(502, _HTML, "text/html"),
    "HTML 503": _raw(503, _HTML, "text/html"),
    "HTML 504": _raw(504, _HTML, "text/html"),
    "HTML 502 as JSON": _raw(502, _HTML),
    "HTML 403": _raw(403, _HTML, "text/html"),
    "HTML 200": _raw(200, _HTML, "text/html"),
    "HTML 200 as JSON": _raw(200, _HTML),
    "status 520": _raw(520, b"error code: 520", "text/plain"),
    "redirect 302": Reply(302, b"", (("location", "https://elsewhere.example/"),)),
    "empty 204": Reply(204, b""),
    "empty 200": Reply(200, b""),
    "200 list": _json(200, [1]),
    "200 number": _json(200, 17),
    "200 null": _json(200, None),
    "200 empty object": _json(200, {}),
    "200 no data": _json(200, {"code": 0, "message": "SUCCEED"}),
    "200 data null": _json(200, {"code": 0, "message": "SUCCEED", "data": None}),
    "200 data number": _json(200, {"code": 0, "message": "SUCCEED", "data": 17}),
    "200 cut JSON": _raw(200, b'{"code": 0, "data": {"task_'),
    "200 not UTF-8": _raw(200, b'{"code": 0, "data": "\xff"}'),
    "200 NaN": _raw(200, b'{"code": 0, "data": {"task_id": "1", "created_at": NaN}}'),
    "200 key twice": _raw(200, b'{"code": 0, "code": 0, "data": {"task_id": "1"}}'),
    "200 very deep": _raw(200, b"[" * 200_000),
    "200 very long number": _raw(200, b'{"code": ' + b"9" * 10_000 + b"}"),
    "200 bad compression": _raw(200, b"not gzip", "application/json", ("content-encoding", "gzip")),
    "500 bad compression": _raw(500, b"not gzip", "application/json", ("content-encoding", "gzip")),
    "200 over the limit": _raw(200, b" " * (11 * 1024 * 1024)),
}
