"""Calling any generated operation by name, so that a new operation can be used as soon as it is generated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from .._protocol.operations import OperationCatalog, TaskQuery
from .._protocol.responses import Success, data_of
from .._protocol.tasks import parse_task
from ..errors import InvalidInputError, KlingVoicesError
from ..models import VoiceTask
from . import retry, validation
from .paid_create import send_create
from .send import CallContext, send_with_retries
from .steps import Flow
from .task_kind import TaskKind
from .wait import poll, wait_for_created


def call(
    context: CallContext,
    operation: str,
    arguments: Mapping[str, Any],
    *,
    wait: bool,
    timeout: float,
    on_update: Callable[[VoiceTask], object] | None,
) -> Flow[Any]:
    """The flow of the clients' `call`."""
    validation.validate_wait(timeout, on_update)
    request = context.catalog.build_request(operation, arguments)
    query = context.catalog.task_query(operation, arguments)
    if query is None:
        if wait:
            raise _impossible_wait(context.catalog, operation)
        is_read = request["method"] in {"get", "head"}
        return (yield from (send_with_retries(context, request, _data) if is_read else _write(context, request)))
    kind = _task_kind(context.catalog, operation, query)
    if context.catalog.creates_task(operation):
        parse_data = partial(parse_task, sent=request["json"])
        task = yield from send_create(context, request, parse_data, kind)
        if wait:
            task = yield from wait_for_created(context, task, kind, timeout=timeout, on_update=on_update)
        return data_of(task.raw)
    if wait:
        task = VoiceTask(task_id=str(arguments[query.id_argument]))
        task = yield from poll(context, task, kind, timeout=timeout, on_update=on_update, is_confirmed=False)
        return data_of(task.raw)
    return (yield from send_with_retries(context, request, _data, is_task_query=True))


def _impossible_wait(catalog: OperationCatalog, operation: str) -> InvalidInputError:
    path = catalog.missing_query(operation)
    if path is None:
        return InvalidInputError(f"{operation} neither creates nor queries a task; leave out wait=True (--wait)")
    return InvalidInputError(
        f"{operation} creates tasks, but the page of GET {path}, which queries them, is missing; save that page and "
        "ingest it with `nox -s regenerate -- PAGE`, or leave out wait=True (--wait) and query the task yourself"
    )


def _write(context: CallContext, request: dict[str, Any]) -> Flow[Any]:
    try:
        return (yield from send_with_retries(context, request, _data, retry.is_write_retryable))
    except KlingVoicesError as failure:
        failure.outcome = "not_created" if retry.is_write_rejected(failure) else "unknown"
        raise


def _task_kind(catalog: OperationCatalog, operation: str, query: TaskQuery) -> TaskKind:
    def lookup_call(task_id: str, suffix: str = "") -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in query.arguments_for(task_id).items())
        return f"call({query.operation!r}, {arguments}{suffix})"

    return TaskKind(
        query_request=lambda task_id: catalog.build_request(query.operation, query.arguments_for(task_id)),
        lookup_call=lookup_call,
        wait_call=lambda task_id: lookup_call(task_id, ", wait=True"),
        failure=f"The task of {operation} failed",
    )


def _data(success: Success) -> Any:
    return success.data
