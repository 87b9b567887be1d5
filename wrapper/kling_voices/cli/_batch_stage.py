"""The object store of a batch: which uploads stay in it, and the commands that delete them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ._console import print_message

if TYPE_CHECKING:
    from ..staging import Stage

_URLS = 50  # of one command; a shell limits the length of a line


@contextmanager
def open_stage(url: str | None) -> Iterator[Stage | None]:
    """The stage of a batch, None without a URL. At the end, deletes the uploads, and names those that stay.

    An upload stays if the gateway may still fetch it, or if its deletion fails.
    """
    if url is None:
        yield None
        return
    from .._bulk.prepare import stage_of_batch  # noqa: PLC0415 - the extra may be missing

    stage = stage_of_batch(url)
    try:
        yield stage
    finally:
        stage.close()
        _print_remaining(stage.remaining)


def _print_remaining(urls: tuple[str, ...]) -> None:
    if not urls:
        return
    print_message(
        f"recordings that stay in the object store: {len(urls)}. The gateway may still fetch them, or they could not "
        "be deleted. When the batch has finished, delete them:"
    )
    for start in range(0, len(urls), _URLS):
        print_message(shlex.join(["kling-voices", "unstage", *urls[start : start + _URLS]]))
