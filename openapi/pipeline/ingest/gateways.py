"""Identify the gateway of a page by its server URL."""

from __future__ import annotations

import re

from ..spec.documents import Document
from .servers import host_of

_DOMAINS = {"chainhub.tech": "chainhub", "kkiai.com": "kkiai"}
PRIMARY = "chainhub"  # its pages have precedence, and a page without a server counts as one of them
OURS = ("chainhub", "kkiai")  # the gateways that this project is about


def gateway_of_document(document: Document) -> str:
    """The name of the gateway that publishes a document; derived from the host for other gateways."""
    hosts = [host_of(server["url"]) for server in document.get("servers", [])]
    named = [host for host in hosts if host]
    if not named:
        return PRIMARY
    ours = [_DOMAINS[domain_of(host)] for host in named if domain_of(host) in _DOMAINS]
    return ours[0] if ours else re.sub(r"[^a-z0-9]", "", named[0].removesuffix(_top_level(named[0]))) or "gateway"


def domain_of(host: str) -> str:
    """The last two labels of a host."""
    return ".".join(host.split(".")[-2:])


def _top_level(host: str) -> str:
    return f".{host.rpartition('.')[2]}"


def gateway_of_stem(stem: str) -> str:
    """The gateway whose page is stored under a stem."""
    return stem.partition("-")[0]


def precedence(stem: str) -> int:
    """The order of precedence of gateways for an operation: chainhub, kkiai, others."""
    gateway = gateway_of_stem(stem)
    return OURS.index(gateway) if gateway in OURS else len(OURS)


def is_ours(stem: str) -> bool:
    """Whether the page of that stem is from one of the two gateways."""
    return gateway_of_stem(stem) in OURS
