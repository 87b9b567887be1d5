"""The command line: `kling-voices`. It needs the extra `cli`."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run the command line, or say which package is missing."""
    try:
        from ._commands import app  # noqa: PLC0415 - the extra may be missing
    except ModuleNotFoundError as error:
        sys.exit(f"kling-voices: {error.name} is not installed; run: pip install 'kling-voices[cli]'")
    for stream in (sys.stdout, sys.stderr):  # a terminal without a character of a name must not fail a paid create
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="kling-voices")
