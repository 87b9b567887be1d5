"""Reading requests from the caller's iterable."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .models import VoiceRequest
from .scheduler import Scheduler

_COUNT, _SECONDS = 100, 0.05  # at a time, at most


def add_requests(scheduler: Scheduler, requests: Iterator[VoiceRequest]) -> None:
    """Add the next requests to the scheduler. A slow iterable gives fewer at a time."""
    pulled: list[VoiceRequest] = []
    start = time.monotonic()
    for request in requests:
        pulled.append(request)
        if len(pulled) >= _COUNT or time.monotonic() - start > _SECONDS:
            scheduler.add(pulled, is_last=False)
            return
    scheduler.add(pulled, is_last=True)
