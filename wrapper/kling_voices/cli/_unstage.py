"""The command that deletes uploads that an earlier command has kept."""

from __future__ import annotations

from typing import Annotated

import typer

from ._app import EXIT_CODES, app
from ._console import print_message
from ._errors import handle_errors


@app.command(epilog=EXIT_CODES)
def unstage(
    urls: Annotated[
        list[str],
        typer.Argument(metavar="URL…", help="The URL that an earlier command has printed: s3://bucket/voices/….wav."),
    ],
) -> None:
    """Delete recordings that `create --voice-file` has kept in your object store."""
    with handle_errors(as_json=False):
        from ..staging import delete  # noqa: PLC0415 - the extra may be missing

        for url in urls:
            delete(url)
            print_message(f"{url} is deleted")
