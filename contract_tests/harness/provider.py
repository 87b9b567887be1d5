"""One run of schemathesis over a mock gateway, all phases, as data that tests can look at from several sides."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from typing import Any, NamedTuple

import schemathesis
from attrs import define, field
from kling_voices.mock import MockGateway, VirtualClock
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from .recorded_request import RecordedRequest


class Failure(NamedTuple):
    """A check that failed, and the request that shows it."""

    check: str
    message: str
    operation_id: str
    sent: RecordedRequest


@define
class ProviderRun:
    """What was sent, what came back, and what was wrong with it."""

    seconds: float = 0.0
    phases: dict[str, str] = field(factory=dict)  # phase → status
    statuses: Counter[tuple[str, int]] = field(factory=Counter)  # (operationId, status) → how often
    modes: Counter[tuple[str, str]] = field(factory=Counter)  # (operationId, positive or negative) → how often
    states: Counter[str] = field(factory=Counter)  # task_status → how often it was answered
    branches: Counter[str] = field(factory=Counter)  # source of the audio → how often it was accepted
    failures: list[Failure] = field(factory=list)
    errors: list[str] = field(factory=list)

    @property
    def cases(self) -> int:
        """How many requests were sent."""
        return self.statuses.total()

    def accepted(self, operation_id: str) -> int:
        """How many requests of an operation were answered with 200."""
        return self.statuses[operation_id, 200]

    def refused(self, operation_id: str) -> int:
        """How many requests of an operation were answered with a client error."""
        return sum(
            count for (name, status), count in self.statuses.items() if name == operation_id and 400 <= status < 500
        )


class TickingClock(VirtualClock):
    """A clock that each look moves on by chance, so that tasks are met in all their states during a run."""

    def time(self) -> float:
        """Seconds since 1970, up to a second later each time."""
        self.advance(self.random())
        return super().time()


def run_provider(
    gateway: MockGateway | str, document: dict[str, Any], *, api_key: str, seed: int = 1, max_examples: int = 40
) -> ProviderRun:
    """Hold `gateway`, in process or by its base URL, to `document` with every phase and check that schemathesis has."""
    schema = schemathesis.openapi.from_dict(document, config=_config(api_key, seed, max_examples))
    if isinstance(gateway, str):
        schema.config.update(base_url=gateway)
    else:
        schema.app = gateway.asgi_app
    schema.location = "http://mock"
    _make_external_ids_unique(schema)
    run, start = ProviderRun(), time.perf_counter()
    for event in from_schema(schema).execute():
        _record(run, event)
    run.seconds = time.perf_counter() - start
    return run


def _config(api_key: str, seed: int, max_examples: int) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "generation": {"mode": "all", "max-examples": max_examples, "database": "none"},
            # Chains of create, query and delete need many tries until a task is met as succeeded.
            "phases": {"stateful": {"generation": {"max-examples": 3 * max_examples, "database": "none"}}},
            "headers": {"Authorization": f"Bearer {api_key}"},
            "operations": [
                {
                    # An id of the right form that nobody made: 400 with 1201 is the right answer (L).
                    "include-operation-id": operation_id,
                    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400"]}},
                }
                for operation_id in ("get_custom_voice", "delete_custom_voice")
            ],
        }
    )


def _make_external_ids_unique(schema: Any) -> None:
    """An external id may be used once (V); generated ones repeat, so each valid one is numbered."""
    numbers = itertools.count()

    def number(_context: Any, body: Any) -> Any:
        if isinstance(body, dict) and isinstance(body.get("external_task_id"), str) and body["external_task_id"]:
            return {**body, "external_task_id": f"{body['external_task_id']}-{next(numbers)}"}
        return body

    schema.hook("map_body")(number)


def _record(run: ProviderRun, event: Any) -> None:
    if isinstance(event, events.PhaseFinished):
        run.phases[event.phase.name.value] = event.status.value
    elif isinstance(event, events.NonFatalError):
        run.errors.append(f"{event.label}: {event.value!r}")
    elif isinstance(event, events.FatalError):
        run.errors.append(f"fatal: {event.exception!r}")
    elif isinstance(event, events.ScenarioFinished):
        recorder = event.recorder
        for key, interaction in recorder.interactions.items():
            case = recorder.cases[key].value
            _record_exchange(run, _operation_id(case), case, interaction.response)
        for key, checks in recorder.checks.items():
            case = recorder.cases[key].value
            request = recorder.interactions[key].request
            run.failures += [_failure(check, case, request) for check in checks if check.status.value != "success"]


def _operation_id(case: Any) -> str:
    return str(case.operation.definition.raw.get("operationId", case.operation.label))


def _record_exchange(run: ProviderRun, name: str, case: Any, response: Any) -> None:
    run.statuses[name, response.status_code if response else 0] += 1
    run.modes[name, case.meta.generation.mode.value if case.meta else "unknown"] += 1
    if not response or response.status_code != 200:
        return
    try:
        data = response.json().get("data")
    except ValueError:  # a check has seen it already
        return
    for item in data if isinstance(data, list) else [data]:
        run.states[item["task_status"]] += 1
    if name == "create_custom_voice":
        run.branches["FromVideo" if case.body.get("video_id") else "FromUrl"] += 1


def _failure(check: Any, case: Any, request: Any) -> Failure:
    headers = [(name, values[0]) for name, values in request.headers.items()]
    body = request.body if isinstance(request.body, bytes) else b""
    return Failure(
        check.name,
        str(check.failure_info.failure) if check.failure_info else "failed",
        _operation_id(case),
        RecordedRequest.of(request.method, request.uri, headers, body),
    )
