"""A line on the terminal that shows the status of a task while the command waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..models import VoiceTask


@contextmanager
def show_progress(activity: str) -> Iterator[Callable[[VoiceTask], None]]:
    """Show a line with the task's status on stderr; nothing if stderr is not a terminal.

    Returns a function for `on_update`.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import, and only a terminal needs it
    from rich.text import Text  # noqa: PLC0415

    with Console(stderr=True).status(Text(f"{activity} …")) as status:
        yield lambda task: status.update(Text(f"{activity}: {task.status or 'accepted'} …"))
