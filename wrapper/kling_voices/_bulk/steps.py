"""The additional steps that the flow of one request yields."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from .._flows.steps import SendRequest, Sleep, T


class Prepare(NamedTuple):
    """Check a recording and upload it; the result is its URL."""

    file: Path


class Discard(NamedTuple):
    """Delete an upload that is no longer needed; the result is None."""

    url: str


class AcquireSlot(NamedTuple):
    """Wait for a slot; the result is the limiter's generation, or None if nothing more may be sent."""


class WaitForOtherRun(NamedTuple):
    """Do nothing for some seconds, while another run works on the request; the result is None."""

    seconds: float


Step: TypeAlias = SendRequest | Sleep | Prepare | Discard | AcquireSlot | WaitForOtherRun
BulkFlow: TypeAlias = Generator[Step, Any, T]
