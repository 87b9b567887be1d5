"""Ctrl-C in tests, also where SIGINT is ignored: shells start background jobs in this way, and some CI runners do."""

from __future__ import annotations

import signal
import threading


def restore() -> None:
    """Handle SIGINT again. Processes inherit that it is ignored, and a test that interrupts one would wait forever."""
    is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if is_ignored and threading.current_thread() is threading.main_thread():  # no other thread may do it
        signal.signal(signal.SIGINT, signal.default_int_handler)
