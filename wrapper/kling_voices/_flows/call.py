"""Calling any generated operation by name, so that a new operation can be used as soon as it is generated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._protocol.operations import build_request
from .._protocol.requests import CREATE_OPERATION, QUERY_OPERATION
from .._protocol.responses import Success
from ..errors import KlingVoicesError
from . import retry
from .paid_create import send_create
from .send import CallContext, send_with_retries
from .steps import Flow


def call(context: CallContext, operation: str, arguments: Mapping[str, Any]) -> Flow[Any]:
    """The flow of the clients' `call`."""
    request = build_request(operation, arguments)
    if operation == CREATE_OPERATION:
        return (yield from send_create(context, request, _data))
    if request["method"] in {"get", "head"}:
        return (yield from send_with_retries(context, request, _data, is_task_query=operation == QUERY_OPERATION))
    try:
        return (yield from send_with_retries(context, request, _data, retry.is_write_retryable))
    except KlingVoicesError as failure:
        failure.outcome = "not_created" if retry.is_write_rejected(failure) else "unknown"
        raise


def _data(success: Success) -> Any:
    return success.data
