"""The two output streams: results on stdout, messages on stderr."""

from __future__ import annotations

import json
import sys
from typing import Any


def print_message(message: str) -> None:
    """Print a message on one line of stderr."""
    print(f"kling-voices: {' '.join(message.split())}", file=sys.stderr)


def print_json(document: Any) -> None:
    """Print the JSON document of a command on stdout, in ASCII, because not every terminal can show every name."""
    print(json.dumps(document, indent=2))
