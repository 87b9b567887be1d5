"""Servers of a page: their hosts, and their base paths, which are moved into the paths."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..spec.documents import Document


def host_of(url: str) -> str:
    """The host of a server's URL, in lower case; empty if it has none, or is not a URL."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def with_base_path_in_paths(document: Document) -> Document:
    """`document` itself, or a copy whose paths begin with the path that all its servers share."""
    urls = [server["url"] for server in document.get("servers", [])]
    bases = {_path_of(url) for url in urls}
    base = next(iter(bases)) if len(bases) == 1 else ""
    if not base:
        return document
    servers = [{**server, "url": server["url"].rstrip("/").removesuffix(base)} for server in document["servers"]]
    paths = {f"{base}{path}": item for path, item in document["paths"].items()}
    based = {**document, "servers": servers, "paths": paths}
    if not all(server["url"] for server in servers):  # only a path, such as `/kling`; the host is unknown
        del based["servers"]
    return based


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""
