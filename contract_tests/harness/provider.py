"""A run of schemathesis on a mock gateway, with all phases and checks, as data for several tests."""

from __future__ import annotations

import time
import tomllib
from typing import Any

import schemathesis
from kling_voices.mock import MockGateway, VirtualClock
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests.support.repository import ROOT

from .links import linked_operations, with_links
from .operations import read_task_kinds
from .provider_run import Failure, ProviderRun
from .recorded_request import RecordedRequest


class RandomlyAdvancingClock(VirtualClock):
    """A clock that advances by up to a second whenever it is read, so that responses show tasks in every state."""

    def time(self) -> float:
        """Seconds since 1970."""
        self.advance(self.random())
        return super().time()


def run_provider(
    gateway: MockGateway | str, document: dict[str, Any], *, api_key: str, seed: int = 1, max_examples: int = 25
) -> ProviderRun:
    """Run schemathesis with `document` on `gateway`, in process or by its base URL.

    The stateful phase runs once for each kind of task, with the links of that kind only. With all operations at once,
    most chains would begin with lists, and with many kinds of tasks none of them would be created.
    """
    run, start = ProviderRun(), time.perf_counter()
    linked = with_links(document)
    chains = [(_STATEFUL, linked_operations(linked, kind)) for kind in read_task_kinds(linked)]
    for phases, names in [(_SINGLE, None), *chains]:
        config = _config(api_key, seed, max_examples, phases)
        schema = schemathesis.openapi.from_dict(linked, config=config)
        if isinstance(gateway, str):
            schema.config.update(base_url=gateway)
        else:
            schema.app = gateway.asgi_app
        schema.location = "http://mock"
        for event in from_schema(schema.include(operation_id=names) if names else schema).execute():
            _record(run, event)
    run.seconds = time.perf_counter() - start
    return run


_SINGLE, _STATEFUL = ("examples", "coverage", "fuzzing"), ("stateful",)


def _config(api_key: str, seed: int, max_examples: int, phases: tuple[str, ...]) -> SchemathesisConfig:
    settings = tomllib.loads((ROOT / "schemathesis.toml").read_text(encoding="utf-8"))
    settings["headers"] = {"Authorization": f"Bearer {api_key}"}
    settings["seed"] = seed
    settings["generation"]["max-examples"] = max_examples
    enabled: dict[str, Any] = {phase: {"enabled": phase in phases} for phase in (*_SINGLE, *_STATEFUL)}
    # Many long chains of create, query and delete are needed until a query finds a task that succeeded. An invalid
    # request would end a chain; the other phases send those. Only the links of the contract are followed.
    chains = {"generation": {**settings["generation"], "mode": "positive", "max-examples": 3 * max_examples}}
    enabled["stateful"] |= {**chains, "max-steps": 10, "inference": {"algorithms": []}}
    return SchemathesisConfig.from_dict({**settings, "phases": enabled})


def _record(run: ProviderRun, event: Any) -> None:
    if isinstance(event, events.PhaseFinished):
        _record_phase(run, event.phase, event.status.value)
    elif isinstance(event, events.NonFatalError):
        run.errors.append(f"{event.label}: {event.value!r}")
    elif isinstance(event, events.FatalError):
        run.errors.append(f"fatal: {event.exception!r}")
    elif isinstance(event, events.ScenarioFinished):
        recorder = event.recorder
        for key, interaction in recorder.interactions.items():
            case = recorder.cases[key].value
            _count_response(run, _operation_id(case), case, interaction.response)
        for key, checks in recorder.checks.items():
            case = recorder.cases[key].value
            request = recorder.interactions[key].request
            run.failures += [_failure(check, case, request) for check in checks if check.status.value != "success"]


def _record_phase(run: ProviderRun, phase: Any, status: str) -> None:
    """A phase that ran several times failed if it failed once."""
    if phase.is_enabled and run.phases.get(phase.name.value) in {None, "success"}:
        run.phases[phase.name.value] = status


def _operation_id(case: Any) -> str:
    return str(case.operation.definition.raw.get("operationId", case.operation.label))


def _count_response(run: ProviderRun, name: str, case: Any, response: Any) -> None:
    run.statuses[name, response.status_code if response else 0] += 1
    if not response or not 200 <= response.status_code < 300:
        return
    try:
        data = response.json().get("data")
    except (ValueError, AttributeError):  # a check of schemathesis reports this
        return
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict) and "task_status" in item:
            run.states[name, item["task_status"]] += 1
    if isinstance(case.body, dict):
        run.sent_fields.update((name, field) for field, value in case.body.items() if value)


def _failure(check: Any, case: Any, request: Any) -> Failure:
    headers = [(name, values[0]) for name, values in request.headers.items()]
    body = request.body if isinstance(request.body, bytes) else b""
    return Failure(
        check.name,
        str(check.failure_info.failure) if check.failure_info else "failed",
        _operation_id(case),
        RecordedRequest.of(request.method, request.uri, headers, body),
    )
