"""What the two clients share: their making, and how a plan becomes a method."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Generic, TypeVar

import httpx

from ._core import Core
from ._gateways import Destination, Gateway, resolve
from ._outgoing import build_request
from ._steps import Send
from .errors import InvalidInputError

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)
Method = TypeVar("Method", bound=Callable[..., Any])


class Client(Generic[Http]):
    """Kling custom voices on one gateway."""

    _http_class: type[Http]
    _own_http: Callable[[Destination], Http]

    def __init__(
        self,
        api_key: str | None = None,
        *,
        gateway: Gateway | str | None = None,
        timeout: float = 60.0,
        max_retries: int = 2,
        http_client: Http | None = None,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            api_key: The key of the gateway account. None: `CHAINHUB_API_KEY` or `KKIAI_API_KEY` for that gateway, then
                `KLING_API_KEY`, read now and not on import. `gateway="mock"` needs none.
            gateway: A `Gateway`, its name, or any base URL. None: `KLING_GATEWAY`, then chainhub, the server of the
                supplied document (S). `"mock"` is a mock gateway inside this process; it needs the extra `mock`.
            timeout: Seconds that one exchange may take, up to a week. A call with all its retries ends after
                `timeout * (max_retries + 1)`, the search for a task after an ambiguous create apart. In the blocking
                client, headers that drip in byte by byte can prolong an exchange; each byte has that time, then.
            max_retries: How often a request may be sent again; a create, only where it cannot have been accepted.
            http_client: Your own httpx client: its transport, proxies, TLS, headers, cookies and event hooks are used,
                and you close it. Base URL, key, time-outs and retry rules stay this client's.

        Raises:
            InvalidInputError: An argument is wrong, or there is no key.
        """
        if http_client is not None and not isinstance(http_client, self._http_class):
            raise InvalidInputError(
                f"http_client is {type(http_client).__name__}; {type(self).__name__} takes an "
                f"httpx.{self._http_class.__name__}"
            )
        self._core = Core(resolve(api_key, gateway, os.environ), timeout=timeout, max_retries=max_retries)
        self._owns_http = http_client is None
        self._http: Http = http_client or self._own_http(self._core.destination)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._told().items())})"

    def _told(self) -> dict[str, str]:
        return {"gateway": self._core.destination.name}

    def _request(self, step: Send) -> httpx.Request:
        return build_request(self._http, self._core.destination, step)


def present(method: Method, plan: Callable[..., Any]) -> Method:
    """Show `method` as what it is to its callers: bound, and returning what the plan ends with."""
    signature = _as_bound(plan)
    method.__name__ = plan.__name__
    method.__doc__ = plan.__doc__
    method.__annotations__ = {p.name: p.annotation for p in signature.parameters.values() if p.name != "self"}
    method.__annotations__["return"] = signature.return_annotation
    method.__signature__ = signature  # type: ignore[attr-defined]
    return method


@cache
def _as_bound(plan: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(plan)
    core, *others = signature.parameters.values()
    ends_with = re.sub(r"^Plan\[(.*)\]$|^Pages\[(.*)\]$", r"\1\2", str(signature.return_annotation))
    bound = [core.replace(name="self", annotation=inspect.Parameter.empty), *others]
    return signature.replace(parameters=bound, return_annotation=ends_with)
