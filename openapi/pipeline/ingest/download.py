"""Download a page from its URL: text, over TLS, up to a size and a deadline, without credentials or cookies."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import httpx
from attrs import frozen

from ..spec.documents import DocumentError
from ..spec.limits import MOST_BYTES, too_large
from ..spec.refusals import refusal
from .sources import Validators

DEADLINE = 60.0  # seconds, for all redirects and the whole body
MOST_REDIRECTS = 5
TIMEOUT = 10.0  # seconds without progress
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = "text/markdown, application/yaml, text/yaml, application/json;q=0.9, text/plain;q=0.8"
_TEXTUAL = re.compile(r"(text/.*|application/(.*\+)?(json|yaml|x-yaml|octet-stream))$")
_SIGNED = re.compile(r"sig|token|key|auth|cred|secret|passw|expire|amz|goog|policy", re.IGNORECASE)
_SUFFIXES = (".md", ".markdown", ".txt", ".yaml", ".yml", ".json")
_STATUSES = {
    401: "the site asks for a login; save the page and pass the file",
    403: "the site refuses access; save the page and pass the file",
    404: "there is no such page; check the URL",
    410: "the page was removed; check the URL",
    429: "the site limits requests; try again later",
}


@frozen
class Download:
    """A page as its site sent it."""

    name: str
    content: bytes
    validators: Validators


def is_url(argument: str) -> bool:
    """Whether an argument names a page by its URL, and not a file."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", argument))


def without_query(url: str) -> str:
    """The URL as it may be shown: without user, password, query and fragment, which can be secrets."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def is_signed(url: str) -> bool:
    """Whether the query of a URL seems to contain a secret; such a URL must not be stored."""
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return any(_SIGNED.search(name) or len(value) >= 32 for name, value in query)


def page_name(url: str) -> str:
    """The name of the page's file; Markdown where the URL does not say."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name or "page"
    return name if name.lower().endswith(_SUFFIXES) else f"{name}.md"


def download(
    url: str,
    known: Validators | None = None,
    *,
    timeout: float = TIMEOUT,
    monotonic: Callable[[], float] = time.monotonic,
) -> Download | None:
    """Download a page.

    Args:
        url: Begins with https; http is possible on loopback only.
        known: The source of the stored version.
        timeout: Maximum seconds in which the site sends nothing.
        monotonic: A clock, in seconds.

    Returns:
        The page, or None if the site says that it has not changed.

    Raises:
        DocumentError: With one sentence, which does not show the query of the URL.
    """
    began = monotonic()
    start = url
    for _ in range(MOST_REDIRECTS + 1):
        _check_url(url, start)
        try:
            found = _request(url, known, timeout, lambda: monotonic() - began > DEADLINE)
        except httpx.TimeoutException:
            raise refusal(without_query(url), "the site did not answer in time; try again later") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise refusal(without_query(url), f"cannot be downloaded: {_reason(error)}") from None
        if not isinstance(found, str):
            return found
        url = urljoin(url, found)
    raise refusal(without_query(start), f"more than {MOST_REDIRECTS} redirects; pass the URL of the page itself")


def _check_url(url: str, start: str) -> None:
    shown = without_query(url)
    redirected = "" if url == start else "redirects to this URL, but "
    try:
        parts = urlsplit(url)
        has_user, host = parts.username is not None or parts.password is not None, parts.hostname
    except ValueError:
        raise refusal(shown, "not a URL") from None
    if not host:
        raise refusal(shown, f"{redirected}the URL has no host")
    if has_user:
        raise refusal(shown, f"{redirected}the URL contains a user or a password; remove them")
    is_loopback = host in _LOOPBACK and urlsplit(start).hostname in _LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback):
        raise refusal(shown, f"{redirected}only https URLs are downloaded; save the page and pass the file")


def _request(url: str, known: Validators | None, timeout: float, is_late: Callable[[], bool]) -> Download | str | None:
    """The page, the URL of a redirect, or None if nothing has changed."""
    headers = {"Accept": _ACCEPT, "User-Agent": "kling-voices-regenerate", **(known.headers() if known else {})}
    # Each request has its own client, so that no cookie is sent to the next URL.
    with (
        httpx.Client(timeout=timeout, auth=None, follow_redirects=False) as client,
        client.stream("GET", url, headers=headers) as response,
    ):
        status = response.status_code
        if status in _REDIRECTS and response.headers.get("Location"):
            return str(response.headers["Location"])
        if status == 304 and known is not None and known.headers():
            return None
        if status != 200:
            usual = "the site failed; try again later" if status >= 500 else "the site did not send the page"
            raise refusal(without_query(url), f"{_STATUSES.get(status, usual)} (status {status})")
        _check_type(url, response)
        content = _body(url, response, is_late)
        validators = Validators(response.headers.get("ETag"), response.headers.get("Last-Modified"))
    _check_text(url, content)
    return Download(page_name(url), content, validators)


def _check_type(url: str, response: httpx.Response) -> None:
    kind = response.headers.get("Content-Type", "text/plain").partition(";")[0].strip().lower()
    if kind in {"text/html", "application/xhtml+xml"}:
        raise refusal(without_query(url), "this is HTML; pass the URL of the page's Markdown or OpenAPI")
    if not _TEXTUAL.match(kind):
        raise refusal(without_query(url), f"this is {kind[:40]}; a page is Markdown, YAML or JSON")


def _body(url: str, response: httpx.Response, is_late: Callable[[], bool]) -> bytes:
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > MOST_BYTES:
        raise _too_large(url)
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MOST_BYTES:
            raise _too_large(url)
        if is_late():
            raise refusal(without_query(url), f"the body did not end within {DEADLINE:.0f} seconds; try again later")
    return bytes(content)


def _too_large(url: str) -> DocumentError:
    return refusal(without_query(url), too_large())


def _check_text(url: str, content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refusal(without_query(url), "not text in UTF-8") from None
    if "\0" in text:
        raise refusal(without_query(url), "not text; a page is Markdown, YAML or JSON")
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html")):
        raise refusal(without_query(url), "this is HTML; pass the URL of the page's Markdown or OpenAPI")


def _reason(error: Exception) -> str:
    """The cause in a few words, without URLs: exceptions of httpx can quote what a redirect said."""
    text = re.sub(r"\w+://\S+", "the URL", str(error)) or type(error).__name__
    return f"{text}; check the URL and the network"
