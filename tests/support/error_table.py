"""The responses of gateways, and the class, code and outcome of the error that each becomes.

`contract_tests/consumer/test_error_table.py` tests every row with every operation and both clients, and `docs/errors.md` is
generated from the table.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from kling_voices import errors
from kling_voices.errors import APIError, Outcome


class Row(NamedTuple):
    """The error that a response becomes."""

    error: type[APIError]
    code: int | str | None
    outcome: Outcome  # of a create


_BY_CODE: dict[int, type[APIError]] = {
    1000: errors.AuthenticationError,
    1001: errors.AuthenticationError,
    1002: errors.AuthenticationError,
    1003: errors.AuthenticationError,
    1004: errors.AuthenticationError,
    1100: errors.QuotaExceededError,
    1101: errors.QuotaExceededError,
    1102: errors.QuotaExceededError,
    1103: errors.PermissionDeniedError,
    1200: errors.BadRequestError,
    1201: errors.BadRequestError,
    1202: errors.NotFoundError,
    1203: errors.NotFoundError,
    1300: errors.ContentPolicyError,
    1301: errors.ContentPolicyError,
    1302: errors.RateLimitError,
    1303: errors.RateLimitError,
    1304: errors.PermissionDeniedError,
    5000: errors.ServerError,
    5001: errors.ServerError,
    5002: errors.ServerError,
}
_STATUS = {
    **dict.fromkeys(range(1000, 1005), 401),
    **dict.fromkeys((1100, 1101, 1102, 1302, 1303, 1304), 429),
    1103: 403,
    **dict.fromkeys((1200, 1201, 1300, 1301), 400),
    **dict.fromkeys((1202, 1203), 404),
    5000: 500,
    5001: 503,
    5002: 504,
}


def _outcome(code: int) -> Outcome:
    return "unknown" if code >= 5000 else "not_created"


TABLE: dict[str, Row] = {
    **{f"kling {_STATUS[code]} {code}": Row(kind, code, _outcome(code)) for code, kind in _BY_CODE.items()},
    **{f"kling 200 {code}": Row(kind, code, _outcome(code)) for code, kind in _BY_CODE.items()},
    "kling 200 unknown code": Row(errors.APIError, 9999, "unknown"),
    "kling 400 unknown code": Row(errors.APIError, 1999, "not_created"),
    "one-api 401": Row(errors.AuthenticationError, None, "not_created"),
    "one-api 403": Row(errors.PermissionDeniedError, None, "not_created"),
    "one-api 403 no quota": Row(errors.QuotaExceededError, "insufficient_user_quota", "not_created"),
    "one-api 404 no such route": Row(errors.NotFoundError, None, "not_created"),
    "one-api 429": Row(errors.RateLimitError, None, "not_created"),
    "one-api 429 rate": Row(errors.RateLimitError, "rate_limit_exceeded", "not_created"),
    "one-api 429 no quota": Row(errors.QuotaExceededError, "insufficient_user_quota", "not_created"),
    "one-api 500": Row(errors.ServerError, "bad_response_status_code", "unknown"),
    "one-api 503": Row(errors.ServerError, None, "unknown"),
    "one-api 200": Row(errors.UnexpectedResponseError, "bad_response_status_code", "unknown"),
    "task failed 400": Row(errors.BadRequestError, "task_failed", "not_created"),
    "task failed 500": Row(errors.ServerError, "task_failed", "unknown"),
    "flat 400": Row(errors.BadRequestError, "request_failed", "not_created"),
    "flat 500": Row(errors.ServerError, "request_failed", "unknown"),
    "nested 400": Row(errors.BadRequestError, 1201, "not_created"),
    "nested 500": Row(errors.BadRequestError, 1201, "unknown"),
    "nested 200": Row(errors.ContentPolicyError, 1301, "not_created"),
    "empty 402": Row(errors.QuotaExceededError, None, "not_created"),
    "empty 429": Row(errors.RateLimitError, None, "not_created"),
    "429 with seconds to wait": Row(errors.RateLimitError, None, "not_created"),
    "empty 408": Row(errors.APIError, None, "unknown"),
    "empty 409": Row(errors.APIError, None, "unknown"),
    "empty 413": Row(errors.APIError, None, "not_created"),
    "empty 500": Row(errors.ServerError, None, "unknown"),
    "HTML 502": Row(errors.ServerError, None, "unknown"),
    "HTML 503": Row(errors.ServerError, None, "unknown"),
    "HTML 504": Row(errors.ServerError, None, "unknown"),
    "HTML 502 as JSON": Row(errors.ServerError, None, "unknown"),
    "HTML 403": Row(errors.PermissionDeniedError, None, "not_created"),
    "HTML 200": Row(errors.UnexpectedResponseError, None, "unknown"),
    "HTML 200 as JSON": Row(errors.UnexpectedResponseError, None, "unknown"),
    "status 520": Row(errors.ServerError, None, "unknown"),
    "redirect 302": Row(errors.APIError, None, "unknown"),
    "empty 204": Row(errors.UnexpectedResponseError, None, "unknown"),
    "empty 200": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 list": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 number": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 null": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 empty object": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 no data": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 data null": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 data number": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 cut JSON": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 not UTF-8": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 NaN": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 key twice": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 very deep": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 very long number": Row(errors.UnexpectedResponseError, None, "unknown"),
    "200 bad compression": Row(errors.UnexpectedResponseError, None, "unknown"),
    "500 bad compression": Row(errors.ServerError, None, "unknown"),
    "200 over the limit": Row(errors.UnexpectedResponseError, None, "unknown"),
}

# By method: its arguments, and the operation that it calls.
OPERATIONS: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "create_voice": (("Ada",), {"voice_url": "https://example.com/ada.mp3"}, "create_custom_voice"),
    "get_task": (("830000000000000001",), {}, "get_custom_voice"),
    "list_tasks": ((), {}, "list_custom_voices"),
    "list_presets": ((), {}, "list_preset_voices"),
    "delete_voice": (("840000000000000001",), {}, "delete_custom_voice"),
}


# Each known task status, and what it means. Kling uses two words for success in its two envelopes (V); gateways of the
# same family use others (G). A status that is not listed is neither success nor failure.
STATUS_WORDS: dict[str, Literal["running", "succeeded", "failed"]] = {
    "submitted": "running",
    "processing": "running",
    "succeed": "succeeded",
    "succeeded": "succeeded",
    "success": "succeeded",
    "completed": "succeeded",
    "SUCCESS": "succeeded",
    "failed": "failed",
}


def expected(shape: str, method: str) -> Row:
    """The row of a response. One rule is not in the table: 1201 means "not found" if one task is queried (L)."""
    row = TABLE[shape]
    if method == "get_task" and row.code == 1201:
        return row._replace(error=errors.NotFoundError)
    return row


def page() -> str:
    """The table as a page of the documentation."""
    tree = "\n".join((errors.__doc__ or "").splitlines()[2:])
    rows = "\n".join(
        f"| {shape} | `{row.error.__name__}` | {row.code if row.code is not None else ''} | {row.outcome} |"
        for shape, row in TABLE.items()
    )
    statuses = "\n".join(f"| `{word}` | {meaning} |" for word, meaning in STATUS_WORDS.items())
    return f"""\
# Errors

All errors derive from `KlingVoicesError`. The attribute `outcome` says whether a voice may have been charged.

```text
{tree}
```

| outcome | meaning | what to do |
|---|---|---|
| `not_created` | no task was accepted, and nothing was charged | correct the problem that the message describes, and try again |
| `unknown` | a create may have been accepted, but the gateway does not find its task | call `recover(error.external_task_id)` several times within some minutes; "not found" does not prove that nothing was created (G) |
| `created` | the task exists | call `wait` again, or read its `status_message` |

## Errors by response

Kling's numeric code determines the error class. It can be at any depth of the response. Without such a code, the gateway's
string code determines the class; without both, the HTTP status. A letter in parentheses gives the
[source of a fact](index.md#sources-of-facts).

Each row of the table is a known response of gateways. The name of a row begins with the form of the response:

| form | meaning |
|---|---|
| kling | Kling's own error object, with a numeric `code` |
| one-api | the error object of one-api, new-api and their forks, with a string `code` |
| task failed, flat, nested | other error objects of these gateways (G) |
| all others | a response without a body, with HTML, with an unexpected status, or with a body that cannot be used |

Tests check every row for every operation with both clients. `nox -s docs` generates this page from the tested table.

- A create with outcome `unknown` raises `OutcomeUnknownError`. Its `__cause__` is the error of the table. Before that, the
  client looks the task up by its external task id. If the task is found, the client returns it.
- In a query for one task, code 1201 leads to `NotFoundError` (L).
- Retries: a read is sent again up to `max_retries` times after 429, 5xx and a lost connection. A create is sent again only
  after a transient 429, or if no connection was made. No request is retried after a code for an exhausted account (1100 to
  1102, and the quota codes of gateways) or after code 1304.

| response | error | code | outcome of a create |
|---|---|---|---|
{rows}

## Errors without a response

| cause | read | create |
|---|---|---|
| no connection | retried, then `ConnectionFailedError` | the same, with outcome `not_created` |
| connection lost or timeout after the request was sent | retried, then `ConnectionFailedError` | the task is looked up and returned if it is found; otherwise `OutcomeUnknownError` |

## Task statuses

`VoiceTask.succeeded` and `VoiceTask.failed` are derived from these status words. `VoiceTask.status` is the word that
the gateway sent. For any other word, `wait` continues until its timeout.

| status | meaning |
|---|---|
{statuses}
"""
