"""Write the synchronous client from the asynchronous one, or check that it is up to date.

python wrapper/write_sync_client.py [--check]

The two clients differ only in `async` and `await`, so one of them is generated. `nox -s drift` runs the check.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "kling_voices"
SOURCE = PACKAGE / "_async_client.py"
TARGET = PACKAGE / "_sync_client.py"

_DOCSTRING = """\
\"\"\"The synchronous client. Never edit this module.

`python wrapper/write_sync_client.py` writes it from `_async_client.py`.
\"\"\"\
"""
_TIMEOUT = """\
        timeout: Seconds, up to a week, for each step of a request: connecting to one address, sending, each wait for
            more of the headers, and the whole body. Looking up the host name is not limited, and a response whose
            headers arrive slowly can take longer; `AsyncKlingVoices` limits the request as a whole. No retry begins
            after `timeout * (max_retries + 1)` seconds. After an ambiguous failure of a create, the lookup of the task
            needs additional time.
"""
_REPLACEMENTS = (
    (r'\A""".*?"""', _DOCSTRING),
    (r"All tasks of an event loop \(asyncio or trio\) may share", "All threads may share"),
    (r"use it in an `async with` statement", "use it in a `with` statement"),
    (
        "import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping",
        "import Callable, Iterable, Iterator, Mapping",
    ),
    (r" \| AsyncIterable\[VoiceRequest\]", ""),
    (r"\bAsyncBatch\b", "SyncBatch"),
    (r"\brun_async\b", "run_sync"),
    (r"  # noqa: ASYNC109[^\n]*", ""),
    (r"\basync def\b", "def"),
    (r"\bawait ", ""),
    (r"\bAsync(KlingVoices|Runner|Client|Iterator)\b", r"\1"),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    # After the names: the text mentions the asynchronous client.
    (r"        timeout: Seconds for one request.*?(?=        max_retries:)", _TIMEOUT),
)


def sync_source(async_source: str) -> str:
    """The source of the synchronous client. Raises ValueError if a replacement no longer applies."""
    source = async_source
    for pattern, replacement in _REPLACEMENTS:
        source, count = re.subn(pattern, replacement, source, flags=re.DOTALL)
        if not count:
            raise ValueError(f"the pattern {pattern!r} no longer occurs in {SOURCE.name}; update write_sync_client.py")
    return source


def main() -> int:
    """Write or check; exit code 1 if the check finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the file is not up to date")
    check = parser.parse_args().check
    expected = sync_source(SOURCE.read_text(encoding="utf-8"))
    is_current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == expected
    if check and not is_current:
        print(f"drift: {TARGET.name} differs; run: python wrapper/write_sync_client.py", file=sys.stderr)
        return 1
    if not is_current:
        TARGET.write_text(expected, encoding="utf-8")
    print(f"{TARGET.name} is up to date with {SOURCE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
