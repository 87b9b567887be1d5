"""The gateways by name, and where the key comes from."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import httpx
from attrs import field, frozen

from ._checks import check_api_key
from ._secrets import conceal_url
from .errors import InvalidInputError

MOCK_KEY = "mock-key"


class Gateway(StrEnum):
    """A gateway that resells Kling, by name."""

    CHAINHUB = "chainhub"
    KKIAI = "kkiai"
    MOCK = "mock"

    @property
    def base_url(self) -> str:
        """Where its operations are: the supplied YAML's server (S), the supplied page's host (S), or nowhere real."""
        return _BASE_URLS[self]


_BASE_URLS = {
    Gateway.CHAINHUB: "https://api.chainhub.tech",
    Gateway.KKIAI: "https://www.kkiai.com",
    Gateway.MOCK: "http://mock.invalid",  # a name that RFC 6761 promises will never resolve
}
_KEY_VARIABLES = {Gateway.CHAINHUB: "CHAINHUB_API_KEY", Gateway.KKIAI: "KKIAI_API_KEY"}
_SHARED_KEY_VARIABLE = "KLING_API_KEY"
_GATEWAY_VARIABLE = "KLING_GATEWAY"


@frozen
class Destination:
    """Where requests go, and with what key. No tuple: what reports errors writes out those item by item."""

    name: str
    base_url: str
    api_key: str = field(repr=False)


def resolve(api_key: str | None, gateway: str | None, environment: Mapping[str, str]) -> Destination:
    """Where to send to, from the arguments, else the environment, else the defaults.

    A gateway's own variable comes before `KLING_API_KEY`; for a base URL that is no known gateway's only the latter is
    read, so that one gateway's key never goes to another host.

    Raises InvalidInputError for an unknown gateway, an unusable base URL, and where no key is found.
    """
    if gateway is not None and not isinstance(gateway, str):
        raise InvalidInputError(f"gateway is {type(gateway).__name__}; give a name, a Gateway or a base URL")
    chosen = gateway or environment.get(_GATEWAY_VARIABLE) or Gateway.CHAINHUB
    base_url, known = _locate(chosen)
    if api_key is None:
        api_key = MOCK_KEY if known is Gateway.MOCK else _key_from(environment, known)
    check_api_key(api_key)
    return Destination(known.value if known else base_url, base_url, api_key)


def _locate(chosen: str) -> tuple[str, Gateway | None]:
    if chosen.lower() in list(Gateway):
        known = Gateway(chosen.lower())
        return known.base_url, known
    if "://" not in chosen:
        names = ", ".join(Gateway)
        raise InvalidInputError(
            f"gateway {conceal_url(chosen)!r} is not known; give one of {names}, or a base URL such as https://…"
        )
    try:
        url = httpx.URL(chosen)
        host = url.host
    except (httpx.InvalidURL, ValueError):  # among the latter, what idna refuses
        raise InvalidInputError("the gateway's base URL cannot be read as a URL") from None
    if url.scheme not in ("http", "https") or not host:
        raise InvalidInputError(f"the gateway's base URL needs http or https and a host, this has {url.scheme!r}")
    if url.userinfo or "?" in chosen or "#" in chosen:
        raise InvalidInputError("the gateway's base URL may not hold a user, a query or a fragment; leave them out")
    base_url = str(url).rstrip("/")
    return base_url, next((gateway for gateway in Gateway if gateway.base_url == base_url), None)


def _key_from(environment: Mapping[str, str], known: Gateway | None) -> str:
    variables = [_KEY_VARIABLES[known]] if known in _KEY_VARIABLES else []
    variables.append(_SHARED_KEY_VARIABLE)
    for variable in variables:
        if environment.get(variable):
            return environment[variable]
    raise InvalidInputError(f"there is no API key; give api_key, or set {' or '.join(variables)} in the environment")
