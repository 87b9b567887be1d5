"""The gateways by name, and the source of the API key."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import httpx
from attrs import field, frozen

from .._flows.validation import validate_api_key
from .._protocol.redaction import redact_url
from ..errors import InvalidInputError

MOCK_KEY = "mock-key"


class Gateway(StrEnum):
    """A gateway that resells Kling, by name."""

    CHAINHUB = "chainhub"
    KKIAI = "kkiai"
    MOCK = "mock"

    @property
    def base_url(self) -> str:
        """The base URL: the server of the supplied YAML (S), or the host of the supplied page (S)."""
        return _BASE_URLS[self]


_BASE_URLS = {
    Gateway.CHAINHUB: "https://api.chainhub.tech",
    Gateway.KKIAI: "https://www.kkiai.com",
    Gateway.MOCK: "http://mock.invalid",  # RFC 6761: a name in .invalid never resolves
}
_KEY_VARIABLES = {Gateway.CHAINHUB: "CHAINHUB_API_KEY", Gateway.KKIAI: "KKIAI_API_KEY"}
_SHARED_KEY_VARIABLE = "KLING_API_KEY"
_GATEWAY_VARIABLE = "KLING_GATEWAY"


@frozen
class Endpoint:
    """A gateway's name, base URL and API key. Not a tuple: error reporters print the items of tuples."""

    name: str
    base_url: str
    api_key: str = field(repr=False)


def resolve_endpoint(api_key: str | None, gateway: str | None, environment: Mapping[str, str]) -> Endpoint:
    """The endpoint from the arguments, else the environment, else the defaults.

    The variable of a gateway takes precedence over `KLING_API_KEY`. Only the latter is read for the base URL of an
    unknown gateway, so that the key of one gateway is never sent to another host.

    Raises InvalidInputError for an unknown gateway, an invalid base URL, or a missing key.
    """
    if gateway is not None and not isinstance(gateway, str):
        raise InvalidInputError(f"gateway is of type {type(gateway).__name__}; pass a name, a Gateway or a base URL")
    chosen = gateway or environment.get(_GATEWAY_VARIABLE) or Gateway.CHAINHUB
    base_url, known = _parse_gateway(chosen)
    if api_key is None:
        api_key = MOCK_KEY if known is Gateway.MOCK else _key_from(environment, known)
    validate_api_key(api_key)
    return Endpoint(known.value if known else base_url, base_url, api_key)


def _parse_gateway(chosen: str) -> tuple[str, Gateway | None]:
    if chosen.lower() in list(Gateway):
        known = Gateway(chosen.lower())
        return known.base_url, known
    if "://" not in chosen:
        names = ", ".join(Gateway)
        raise InvalidInputError(
            f"the gateway {redact_url(chosen)!r} is unknown; pass one of {names}, or a base URL such as https://…"
        )
    base_url = _parse_base_url(chosen)
    return base_url, next((gateway for gateway in Gateway if gateway.base_url == base_url), None)


def _parse_base_url(text: str) -> str:
    try:
        url = httpx.URL(text)
        is_usable = url.scheme in ("http", "https") and bool(url.host)
    except (httpx.InvalidURL, ValueError):  # idna raises ValueError
        raise InvalidInputError("the base URL of the gateway is not a valid URL; correct it") from None
    if not is_usable:
        raise InvalidInputError(
            f"the base URL of the gateway needs http or https and a host; its scheme is {url.scheme!r}"
        )
    if url.userinfo or "?" in text or "#" in text:
        raise InvalidInputError("the base URL of the gateway has a user, a query or a fragment; remove them")
    return str(url).rstrip("/")


def _key_from(environment: Mapping[str, str], known: Gateway | None) -> str:
    variables = [_KEY_VARIABLES[known]] if known in _KEY_VARIABLES else []
    variables.append(_SHARED_KEY_VARIABLE)
    for variable in variables:
        if environment.get(variable):
            return environment[variable]
    raise InvalidInputError(
        f"there is no API key; set {' or '.join(variables)} in the environment, or pass api_key (on the command line, "
        "--api-key-file)"
    )
