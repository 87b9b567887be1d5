"""The common part of the state machines: a client on a mock gateway, faults, and a model of all charges."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
import pytest
from attrs import define
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant
from kling_voices import AsyncKlingVoices, KlingVoices
from kling_voices.mock import Fault, MockGateway, VirtualClock
from kling_voices.mock._faults import Kind as FaultKind

from tests.support.clients import Caller
from tests.support.hypothesis_profiles import examples_up_to

SECONDS = 10.0  # from a create to the end of its task
MACHINE_SETTINGS = settings(examples_up_to(40), stateful_step_count=25, derandomize=True, deadline=None)

# The create is not accepted, and the client cannot know that.
LOST_REQUEST: tuple[FaultKind, ...] = ("reset_before", "shape_before")
# The create is accepted, and its response does not arrive.
LOST_RESPONSE: tuple[FaultKind, ...] = (
    "reset_after",
    "reset_within",
    "cut_short",
    "false_length",
    "no_answer",
    "shape_after",
)
TRANSIENT_REJECTIONS = ("refuse", "empty 429", "kling 429 1303")

T = TypeVar("T")


@define
class Charge:
    """The model's data about one charged task."""

    external_task_id: str
    fails: bool
    created_at: float
    name: str = ""
    is_deleted: bool = False

    def status(self, now: float) -> str:
        """The status of the task, in the words of Kling's older envelope."""
        age = now - self.created_at
        if age >= SECONDS:
            return "failed" if self.fails else "succeed"
        return "processing" if age >= SECONDS / 5 else "submitted"


class Interrupted(BaseException):
    """The process of the client ends while it waits for a response."""


class GatewayMachine(RuleBasedStateMachine):
    """A client, a mock gateway, and the model. `is_async` chooses the client, `dialect` the form of the responses."""

    is_async = False
    dialect: Any = "kling"
    create_operation = "create_custom_voice"
    query_operation = "get_custom_voice"

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.gateway = MockGateway(dialect=self.dialect, clock=self.clock, creation_seconds=SECONDS)
        self.charges: dict[str, Charge] = {}  # by task id
        self.lost_ids: set[str] = set()  # external ids of creates that were never accepted
        self._count = 0
        self._is_interrupted = False
        self._runner = asyncio.Runner() if self.is_async else None
        self.call = self._new_client()

    def _new_client(self) -> Caller:
        """A client without memory, as in a new process."""
        transport = httpx.MockTransport(self._handle)
        options: dict[str, Any] = {"gateway": "mock", "clock": self.clock}
        if self._runner is None:
            return Caller(KlingVoices("mock-key", http_client=httpx.Client(transport=transport), **options), None)
        client = AsyncKlingVoices("mock-key", http_client=httpx.AsyncClient(transport=transport), **options)
        return Caller(client, self._runner.run)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        response = self.gateway.handle(request)
        if self._is_interrupted:
            raise Interrupted
        return response

    def teardown(self) -> None:
        """Close the event loop."""
        if self._runner is not None:
            self._runner.close()

    def next_id(self) -> str:
        """A new external task id."""
        self._count += 1
        return f"order-{self._count}"

    def add_fault(self, kind: FaultKind, *, times: int = 1, shape: str = "kling 500 5000") -> None:
        """The fault happens to the next creates."""
        self.gateway.misbehave(Fault(kind, operation=self.create_operation, times=times, shape=shape))

    def add_rejection(self, name: str) -> None:
        """The next create is rejected in one of the transient ways."""
        if name == "refuse":
            self.add_fault("refuse")
        else:
            self.add_fault("shape_before", shape=name)

    def fail_queries(self, times: int) -> None:
        """The next queries get no readable response."""
        self.gateway.misbehave(Fault("shape_before", operation=self.query_operation, times=times, shape="HTML 502"))

    def charged(self, external_task_id: str, create: Callable[[], T], *, fails: bool = False, name: str = "") -> T:
        """Run a create, and note in the model the charge that the mock gateway has added to its ledger."""
        try:
            return create()
        finally:
            if len(self.gateway.tasks) > len(self.charges):
                task = self.gateway.tasks[-1]
                self.charges[task.task_id] = Charge(external_task_id, fails, task.created_at, name)

    def interrupt(self, create: Callable[[], object]) -> None:
        """Run a create whose client ends while it waits for the response, and replace the client."""
        self._is_interrupted = True
        with pytest.raises(Interrupted):
            create()
        self._is_interrupted = False
        self.call = self._new_client()

    @invariant()
    def the_ledger_is_the_model(self) -> None:
        """The charges of the mock gateway match the model: each external id once, and no create that was lost."""
        ledger = [task.external_task_id for task in self.gateway.tasks]
        assert ledger == [charge.external_task_id for charge in self.charges.values()]
        assert len(set(ledger)) == len(ledger)
        assert not self.lost_ids & set(ledger)
