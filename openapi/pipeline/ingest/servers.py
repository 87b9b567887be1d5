"""Paths as the gateways' hosts know them: what the servers of a page have before its paths belongs to the paths."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..spec.documents import Document


def host_of(url: str) -> str:
    """The host of a server's URL, in lower case; empty where it has none, or is no URL."""
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
    moved = {**document, "servers": servers, "paths": paths}
    if not all(server["url"] for server in servers):  # a path alone, such as `/kling`: the host is not told
        del moved["servers"]
    return moved


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""
