"""One pure function from a request to its reply: routing, authorization, validation, and the form of errors."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from ._contract.bodies import BodyError
from ._contract.instances import Unbuildable
from ._contract.operations import Operation
from ._contract.parameters import read_parameters
from ._contract.routes import Route
from ._faults import Fault
from ._messages import Reply, Request
from ._service import Call, Refusal, Service


@frozen
class Account:
    """The customer of a gateway.

    Attributes:
        api_key: The only key that is accepted.
        service: The operations.
    """

    api_key: str = field(repr=False)
    service: Service


def respond(account: Account, request: Request, *, now: float, request_id: str, fault: Fault | None = None) -> Reply:
    """The reply of a gateway that follows the contract, at `now`, in seconds since 1970."""
    route = account.service.contract.find(request.path)
    operation = route.operations.get(request.method.lower()) if route else None
    try:
        call = _validated(account, request, route, operation, now, request_id, fault)
        status = call.operation.success_status
        return _reply(call.operation, status, account.service.content(call), {"x-request-id": request_id})
    except Refusal as refusal:
        return _refused(operation, refusal, request_id)
    except Unbuildable as error:
        message = f"the mock cannot build a response that is valid for the contract: {error}"
        return _refused(None, Refusal(500, 5000, message), request_id)


def _validated(  # noqa: PLR0917 - the parts of a request and of its context
    account: Account,
    request: Request,
    route: Route | None,
    operation: Operation | None,
    now: float,
    request_id: str,
    fault: Fault | None,
) -> Call:
    if route is None:
        raise Refusal(404, 1203, f"Invalid URL ({request.method} {request.path})")
    if operation is None:
        allowed = ", ".join(sorted(method.upper() for method in route.operations))
        raise Refusal(405, 1202, f"the method {request.method} is invalid here", allow=allowed)
    _authorize(request, account.api_key)
    try:
        body = operation.body.read(request) if operation.body else None
        parameters = read_parameters(operation.parameters, route.parameters, request)
    except BodyError as error:
        raise Refusal(error.status, error.code, error.message) from None
    except ValueError as error:
        raise Refusal(400, 1201, str(error)) from None
    return Call(operation, parameters, body, now, request_id, fault)


def _authorize(request: Request, api_key: str) -> None:
    values = request.header("authorization")
    if not values or not values[0].strip():
        raise Refusal(401, 1001, "authorization is empty", www_authenticate="Bearer")
    scheme, _, key = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or key.strip() != api_key:
        raise Refusal(401, 1002, "authorization is invalid", www_authenticate="Bearer")


def _refused(operation: Operation | None, refusal: Refusal, request_id: str) -> Reply:
    content: Any = {"code": refusal.code, "message": refusal.message, "request_id": request_id}
    headers = {"x-request-id": request_id, **{name.replace("_", "-"): text for name, text in refusal.headers.items()}}
    try:
        if operation is not None:
            return _reply(operation, refusal.status, operation.response(refusal.status).fit(content), headers)
    except Unbuildable:
        pass  # better an error in the usual form than none
    return Reply.json(refusal.status, content)._replace(headers=(_JSON, *headers.items()))


_JSON = ("content-type", "application/json; charset=utf-8")


def _reply(operation: Operation, status: int, content: Any, headers: dict[str, str]) -> Reply:
    response = operation.response(status)
    body = response.encode(status, content)
    kind = _JSON if response.media_type == "application/json" else ("content-type", response.media_type)
    described = {name: text for name, text in response.headers() if name not in headers}
    return Reply(status, body, ((kind,) if body else ()) + tuple(headers.items()) + tuple(described.items()))
