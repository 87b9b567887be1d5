"""The forecast of `--dry-run`: what a batch would do, without sending anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, get_args

from .._http.endpoint import Endpoint
from ..clock import SystemClock
from .identity import external_task_id_of, fingerprint_of, source_of
from .ledger import Ledger
from .models import VoiceRequest
from .transitions import State

Action: TypeAlias = Literal["send", "look up", "wait", "done", "duplicate", "skip"]
ACTIONS: tuple[Action, ...] = get_args(Action)

_ACTIONS: dict[State | None, Action] = {
    None: "send",
    "planned": "send",
    "intended": "look up",
    "unknown": "look up",
    "accepted": "wait",
    "succeeded": "done",
    "failed": "done",
    "refused": "done",
}


class Forecast(NamedTuple):
    """What would happen to one request.

    `send`: a create is sent. `look up`: it may have been sent, so its task is looked up. `wait`: its task is waited
    for. `done`: it has a result. `duplicate`: an identical request comes before it. `skip`: `max_creates` is reached.
    """

    request: VoiceRequest
    external_task_id: str
    action: Action


def forecast(
    requests: Iterable[VoiceRequest],
    ledger: Path,
    endpoint: Endpoint,
    *,
    max_creates: int | None = None,
    retry_refused: bool = False,
    accept_new_key: bool = False,
) -> Iterator[Forecast]:
    """The forecasts of requests, in their order. The ledger is read, and not created if it does not exist.

    Raises InvalidInputError if the ledger cannot be used or a file cannot be read.
    """
    opened = Ledger(ledger, endpoint, SystemClock(), accept_new_key=accept_new_key) if ledger.exists() else None
    seen: set[str] = set()
    sends = 0
    try:
        for request in requests:
            external_task_id = external_task_id_of(
                request, endpoint.base_url, fingerprint_of(request, source_of(request))
            )
            state = opened.state(external_task_id) if opened else None
            action = "send" if state == "refused" and retry_refused else _ACTIONS[state]
            if external_task_id in seen:
                action = "duplicate"
            elif action == "send":
                action = "send" if max_creates is None or sends < max_creates else "skip"
                sends += 1
            seen.add(external_task_id)
            yield Forecast(request, external_task_id, action)
    finally:
        if opened:
            opened.close()
