"""Any generated operation, as a plan: so what a new page brings is usable the moment it is regenerated."""

from __future__ import annotations

from typing import Any

from . import _operations, _retries
from ._answers import Success
from ._core import Core
from ._create import create
from ._steps import Plan
from .errors import KlingVoicesError


def call(core: Core, operation: str, /, **arguments: Any) -> Plan[Any]:
    """Call a generated operation by its name, with this client's key, retry rules and error model.

    The rules of `create_voice` hold for `create_custom_voice`, too: it carries an external task id and is recovered.
    Any other operation that writes is sent again only where it cannot have been accepted. The arguments are not
    checked beyond what the generated code needs.

    Args:
        operation: The name, such as `create_custom_voice`.
        arguments: What its generated function takes; `body` as a mapping, as bytes where it is a file, or as the
            generated model.

    Returns:
        The data of the answer: what the envelope holds, or the whole answer where there is no envelope.

    Raises:
        InvalidInputError: There is no such operation, or the arguments do not fit. Nothing was sent.
        KlingVoicesError: All that the typed methods raise.
    """
    request = _operations.build(operation, arguments)
    if operation == _operations.CREATE:
        return (yield from create(core, request, _data))
    if request["method"] in {"get", "head"}:
        return (yield from core.read(request, _data, querying_one=operation == _operations.QUERY))
    try:
        return (yield from core.repeat(request, _data, _retries.write_may_be_repeated))
    except KlingVoicesError as failure:
        failure.outcome = "not_created" if _retries.write_was_refused(failure) else "unknown"
        raise


def _data(success: Success) -> Any:
    return success.data
