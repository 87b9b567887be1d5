"""The URLs of downloaded pages, in `SOURCES.json`. The digests are in SHA256SUMS."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from ..spec.refusals import refusal
from .digests import SOURCES


@frozen
class Validators:
    """The data of a server that identify a version of a page."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The headers of a conditional request."""
        pairs = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return {name: value for name, value in pairs if value}


@frozen
class Source:
    """The URL of a stored page, and the data that identify the stored version."""

    url: str
    validators: Validators


def read_sources(folder: Path) -> dict[str, Source]:
    """Stem of a stored page → its source; empty where no page was downloaded. Raises DocumentError."""
    path = folder / SOURCES
    if not path.exists():
        return {}
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {stem: _source(entry) for stem, entry in stored.items()}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise refusal(SOURCES, "not a record of URLs; restore it from version control") from None


def write_sources(folder: Path, sources: Mapping[str, Source]) -> None:
    """Write the record, sorted by stem; without sources there is no file."""
    path = folder / SOURCES
    if not sources:
        path.unlink(missing_ok=True)
        return
    entries = {stem: _entry(sources[stem]) for stem in sorted(sources)}
    path.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8", newline="\n")


def update_sources(
    sources: Mapping[str, Source], downloaded: Mapping[str, Source], stored: Collection[str]
) -> dict[str, Source]:
    """The sources, with new downloads added, and without pages that are no longer stored."""
    return {stem: source for stem, source in {**sources, **downloaded}.items() if stem in stored}


def _source(entry: dict[str, Any]) -> Source:
    return Source(str(entry["url"]), Validators(entry.get("etag"), entry.get("last_modified")))


def _entry(source: Source) -> dict[str, str]:
    pairs = (
        ("url", source.url),
        ("etag", source.validators.etag),
        ("last_modified", source.validators.last_modified),
    )
    return {name: value for name, value in pairs if value}
