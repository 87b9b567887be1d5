"""The routes of the page and of its JSON API.

| request | what it does |
|---|---|
| `GET /_mock/` | the page |
| `GET /_mock/api/options` | the operations, kinds of faults and shapes that can be chosen |
| `GET /_mock/api/state` | tasks, charges, places, exchanges, callbacks and faults; with an `ETag` |
| `GET /_mock/api/exchanges/{number}` | one exchange: request, response and cURL |
| `POST /_mock/api/faults` | switches a fault on; the body has the fields of `Fault` |
| `DELETE /_mock/api/faults` | switches all faults off |
| `DELETE /_mock/api/faults/{number}` | switches one fault off |
| `POST /_mock/api/time` | moves time forward by `seconds` |
| `POST /_mock/api/places` | sets how many places another customer of the account holds: `occupied` |

A browser must not be used against the mock by another site. Bodies are therefore only accepted as `application/json`,
which other sites cannot send without permission, and a request must name the mock by an address or a simple name.
"""

from __future__ import annotations

import ipaddress
import json
import zlib
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from ...errors import InvalidInputError
from .._callbacks import Delivery
from .._core import Core
from .._faults import Fault
from .._messages import Reply, Request
from .views import Views

if TYPE_CHECKING:
    from .._gateway import MockGateway

PREFIX = "/_mock"
_API = f"{PREFIX}/api/"
_PAGE_HEADERS = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        (
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
            "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
)
_MAX_DIGITS = 18  # of the number of an exchange or a fault; int() refuses thousands
_Types: TypeAlias = type | tuple[type, ...]
_FAULT_FIELDS: dict[str, _Types] = {
    "kind": str,
    "operation": str,
    "rate": (int, float),
    "times": int,
    "shape": str,
    "seconds": (int, float),
}


class _Error(Exception):
    """The request is refused with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class UserInterface:
    """Answers all requests below `/_mock`."""

    def __init__(
        self, gateway: MockGateway, core: Core, deliveries: Iterable[Delivery], secrets: Iterable[str]
    ) -> None:
        self._gateway, self._core = gateway, core
        self._views = Views(core, deliveries, secrets)

    def reply(self, request: Request) -> Reply:
        """Answer one request. It is not an exchange of the mock, and no fault happens to it."""
        try:
            _check_host(request)
            return self._route(request)
        except _Error as error:
            return Reply.json(error.status, {"error": error.message}, cache_control="no-store")
        except InvalidInputError as error:
            return Reply.json(400, {"error": str(error)}, cache_control="no-store")

    def _route(self, request: Request) -> Reply:
        if request.path in {PREFIX, f"{PREFIX}/"}:
            _check_method(request, "GET", "HEAD")
            if request.path == PREFIX:
                return Reply(308, b"", (("location", f"{PREFIX}/"),))
            return Reply(200, files(__package__).joinpath("page.html").read_bytes(), _PAGE_HEADERS)
        name, _, number = request.path.removeprefix(_API).partition("/")
        handlers: dict[str, Callable[[Request, str], Reply]] = {
            "options": self._options,
            "state": self._state,
            "exchanges": self._exchange,
            "faults": self._faults,
            "time": self._time,
            "places": self._places,
        }
        if not request.path.startswith(_API) or name not in handlers:
            raise _Error(404, f"there is no {request.path}")
        return handlers[name](request, number)

    def _options(self, request: Request, _: str) -> Reply:
        _check_method(request, "GET")
        return _json(self._views.options())

    def _state(self, request: Request, _: str) -> Reply:
        _check_method(request, "GET")
        reply = _json(self._views.state())
        tag = f'"{zlib.crc32(reply.body):08x}"'
        if tag in request.header("if-none-match"):
            return Reply(304, b"", (("etag", tag),))
        return reply._replace(headers=(*reply.headers, ("etag", tag)))

    def _exchange(self, request: Request, number: str) -> Reply:
        _check_method(request, "GET")
        exchange = self._core.exchanges.find(int(number)) if _is_number(number) else None
        if exchange is None:
            raise _Error(404, f"exchange {number} is not remembered")
        host = next(iter(request.header("host")), "127.0.0.1")
        return _json(self._views.exchange(exchange, f"http://{host}"))

    def _faults(self, request: Request, number: str) -> Reply:
        _check_method(request, "POST", "DELETE")
        if request.method == "POST":
            return self._add_fault(_fields(request, **_FAULT_FIELDS))
        if not number:
            self._core.faults.clear()
        elif not (_is_number(number) and self._core.faults.remove(int(number))):
            raise _Error(404, f"fault {number} is not switched on")
        self._core.changed()
        return Reply(204, b"")

    def _add_fault(self, fields: dict[str, Any]) -> Reply:
        if "kind" not in fields:
            raise _Error(400, "the body needs the field 'kind'")
        operation = fields.get("operation")
        if operation is not None and operation not in self._core.service.contract.operations:
            raise _Error(400, f"there is no operation {operation!r}")
        number = self._core.faults.add(Fault(fields.pop("kind"), **fields))
        self._core.changed()
        return _json({"number": number}, 201)

    def _time(self, request: Request, _: str) -> Reply:
        _check_method(request, "POST")
        self._gateway.advance(_required(_fields(request, seconds=(int, float)), "seconds"))
        return _json({"advanced_seconds": self._core.advanced})

    def _places(self, request: Request, _: str) -> Reply:
        _check_method(request, "POST")
        self._gateway.occupy(_required(_fields(request, occupied=int), "occupied"))
        return _json({"occupied": self._core.ledger.occupied})


def _json(content: Any, status: int = 200) -> Reply:
    return Reply.json(status, content, cache_control="no-store")


def _check_method(request: Request, *allowed: str) -> None:
    if request.method not in allowed:
        raise _Error(405, f"the method {request.method} is invalid here; use {' or '.join(allowed)}")


def _check_host(request: Request) -> None:
    """Refuse hosts with a public name: another site could make its name lead to this machine (DNS rebinding)."""
    host = next(iter(request.header("host")), "")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    origin = next(iter(request.header("origin")), f"http://{host}")
    if not _is_local_name(name.strip("[]")) or origin.partition("://")[2] != host:
        raise _Error(403, f"open this page by an IP address or a name without dots, not as {host}")


def _is_local_name(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name
    return True


def _fields(request: Request, **known: _Types) -> dict[str, Any]:
    """The fields of a JSON body. A field that is null counts as absent."""
    kinds = [value.partition(";")[0].strip().lower() for value in request.header("content-type")]
    if kinds != ["application/json"]:
        raise _Error(415, "the body must be application/json")
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError):
        raise _Error(400, "the body is not valid JSON") from None
    if not isinstance(fields, dict):
        raise _Error(400, "the body must be an object")
    for name, value in fields.items():
        if name not in known:
            raise _Error(400, f"there is no field {name!r}; give {', '.join(known)}")
        if value is not None and (not isinstance(value, known[name]) or isinstance(value, bool)):
            raise _Error(400, f"the field {name!r} has the wrong type")
    return {name: value for name, value in fields.items() if value is not None}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


def _required(fields: dict[str, Any], name: str) -> Any:
    if name not in fields:
        raise _Error(400, f"the body needs the field {name!r}")
    return fields[name]
