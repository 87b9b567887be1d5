"""Rule for servers: a URL without scheme, with variables, local, or without TLS is replaced by the known URL."""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from ...spec.yaml_text import Path
from .listing import Listing, operations

CHAINHUB = "https://api.chainhub.tech"
KKIAI = "https://www.kkiai.com"
_GATEWAYS = {"chainhub.tech": CHAINHUB, "kkiai.com": KKIAI}
_VARIABLE = re.compile(r"\{+\s*([^{}]*?)\s*\}+")
_LOCAL_NAMES = (".local", ".localhost", ".internal", ".lan")


def read_servers(document: dict[str, Any], listing: Listing) -> dict[str, Any]:
    """A copy whose servers are URLs that a client can use, at the top, in each path and in each operation."""
    changed = dict(document)
    _replace(changed, (), listing)
    if isinstance(document.get("paths"), dict):
        changed["paths"] = {
            url: {key: dict(value) if isinstance(value, dict) else value for key, value in item.items()}
            if isinstance(item, dict)
            else item
            for url, item in document["paths"].items()
        }
        for url, item in changed["paths"].items():
            if isinstance(item, dict):
                _replace(item, ("paths", url), listing)
        for path, _, operation in operations(changed):
            _replace(operation, path, listing)
    return changed


def known_url(text: str) -> str | None:
    """The known URL of the gateway whose domain is in a URL or host, or None."""
    host = _host(text if "//" in text else f"//{text}")
    return next((url for domain, url in _GATEWAYS.items() if host == domain or host.endswith(f".{domain}")), None)


def _replace(owner: dict[str, Any], path: Path, listing: Listing) -> None:
    servers = owner.get("servers")
    if not isinstance(servers, list) or not all(isinstance(s, dict) and isinstance(s.get("url"), str) for s in servers):
        return
    usable = [server for server in servers if _flaw(server["url"]) is None]
    gateway = next((url for url in (known_url(server["url"]) for server in servers) if url), CHAINHUB)
    kept: list[dict[str, Any]] = []
    for number, server in enumerate(servers):
        place = (*path, "servers", number, "url")
        flaw = _flaw(server["url"])
        if flaw is None:
            kept.append(server)
            continue
        url = _corrected(server, gateway)
        if usable and (url == gateway and known_url(server["url"]) is None):
            listing.add(place, server["url"], None, f"{flaw}; the page's other server is used")
            continue
        listing.add(place, server["url"], url, f"{flaw}; the gateway's known URL is used")
        kept.append({**{key: value for key, value in server.items() if key != "variables"}, "url": url})
    owner["servers"] = list({server["url"].rstrip("/"): server for server in reversed(kept)}.values())[::-1]


def _flaw(url: str) -> str | None:
    """Why a client cannot use the URL, or None. A path alone is usable: it says nothing about the host."""
    if _VARIABLE.search(url):
        return "the URL has variables"
    if url.startswith("/") and not url.startswith("//"):
        return None
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", url):
        return "the URL has no scheme"
    if _is_local(_host(url)):
        return "the server is local"
    return "the URL is not encrypted" if url.lower().startswith("http://") and known_url(url) else None


def _corrected(server: dict[str, Any], gateway: str) -> str:
    """The known URL, with the page's path if the page names that gateway's host."""
    url = _with_defaults(server)
    with_scheme = url if "//" in url else f"//{url}"
    if _VARIABLE.search(url) or known_url(url) is None:
        return gateway
    return (known_url(url) or gateway) + urlsplit(with_scheme).path.rstrip("/")


def _with_defaults(server: dict[str, Any]) -> str:
    variables = server.get("variables")
    known = variables if isinstance(variables, dict) else {}

    def default(found: re.Match[str]) -> str:
        variable = known.get(found[1])
        return str(variable["default"]) if isinstance(variable, dict) and "default" in variable else found[0]

    return _VARIABLE.sub(default, server["url"])


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def _is_local(host: str) -> bool:
    if host in {"", "localhost"} or host.endswith(_LOCAL_NAMES) or ("." not in host.strip("[]") and ":" not in host):
        return True
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return False
