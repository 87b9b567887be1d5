"""The error class of a response: by Kling's code, else by the gateway's string code, else by the HTTP status."""

from __future__ import annotations

from .. import errors
from ..errors import APIError

# Kling's codes (V).
_BY_CODE: dict[int, type[APIError]] = {
    **dict.fromkeys((1000, 1001, 1002, 1003, 1004), errors.AuthenticationError),
    **dict.fromkeys((1100, 1101, 1102), errors.QuotaExceededError),
    **dict.fromkeys((1103, 1304), errors.PermissionDeniedError),
    **dict.fromkeys((1200, 1201), errors.BadRequestError),
    **dict.fromkeys((1202, 1203), errors.NotFoundError),
    **dict.fromkeys((1300, 1301), errors.ContentPolicyError),
    **dict.fromkeys((1302, 1303), errors.RateLimitError),
    **dict.fromkeys((5000, 5001, 5002), errors.ServerError),
}

# String codes of this family of gateways (G) that are more specific than the status beside them.
_BY_NAME: dict[str, type[APIError]] = {
    **dict.fromkeys(
        ("insufficient_user_quota", "insufficient_quota", "pre_consume_token_quota_failed", "quota_exceeded"),
        errors.QuotaExceededError,
    ),
    **dict.fromkeys(("sensitive_words_detected", "prompt_blocked"), errors.ContentPolicyError),
    **dict.fromkeys(("invalid_api_key",), errors.AuthenticationError),
    **dict.fromkeys(("access_denied",), errors.PermissionDeniedError),
}

_BY_STATUS: dict[int, type[APIError]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    402: errors.QuotaExceededError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    429: errors.RateLimitError,
}

# The range of Kling's codes (V). Any other number in an error body merely repeats the HTTP status.
KLING_CODES = range(1000, 6000)

# Client-error statuses after which the request may still have been carried out.
_AMBIGUOUS_STATUSES = frozenset({408, 409, 499})


def error_class(status: int, code: int | str | None, *, is_task_query: bool) -> type[APIError]:
    """The class for an unsuccessful response. A numeric code that Kling does not document is a plain APIError."""
    if isinstance(code, int) and code in KLING_CODES:
        if code == 1201 and is_task_query:  # Kling's response for a task that does not exist (L)
            return errors.NotFoundError
        return _BY_CODE.get(code, APIError)
    if isinstance(code, str) and code.lower() in _BY_NAME:
        return _BY_NAME[code.lower()]
    if 200 <= status < 300:
        return APIError if isinstance(code, int) else errors.UnexpectedResponseError
    return errors.ServerError if 500 <= status < 600 else _BY_STATUS.get(status, APIError)


def is_definite_rejection(error: APIError) -> bool:
    """Whether a write with this response was certainly not accepted."""
    if isinstance(error, errors.ServerError):
        return False
    if 400 <= error.status_code < 500:
        return error.status_code not in _AMBIGUOUS_STATUSES
    # A documented Kling code rejects the request just as clearly with HTTP 200 as with 400.
    return 200 <= error.status_code < 300 and error.code in _BY_CODE


def is_transient(error: APIError) -> bool:
    """Whether the same request may succeed a little later: too many requests, or a failing server."""
    if isinstance(error, errors.RateLimitError):
        return error.code in (None, 429, 1302, 1303) or (
            isinstance(error.code, str) and _names_a_rate_limit(error.code)
        )
    return isinstance(error, errors.ServerError) or (type(error) is APIError and error.status_code >= 500)


def _names_a_rate_limit(code: str) -> bool:
    return any(word in code.lower() for word in ("rate", "limit", "too_many", "concurren", "429"))
