"""Ctrl-C reaches the processes that tests start, however the tests were started."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from .support import interrupts

_PROGRAM = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"


@pytest.mark.skipif(sys.platform == "win32", reason="processes do not inherit handlers on Windows")
def test_an_ignored_ctrl_c_is_handled_again() -> None:
    """A process that a background job starts ignores Ctrl-C; after `restore`, it does not."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ignored = _run()
        interrupts.restore()
        handled = _run()
    finally:
        signal.signal(signal.SIGINT, handler)
    assert (ignored, handled) == ("False", "True")


def _run() -> str:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    return done.stdout.strip()
