"""One model of the service, in plain Python, drives SDK and mock through any order of calls; all three must agree.

The model knows what was charged, by which external id, when each task ends and which voices are deleted. After every
step the mock's ledger and what the SDK has returned are compared with it.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from attrs import define
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from kling_voices import (
    AsyncKlingVoices,
    BadRequestError,
    KlingVoices,
    KlingVoicesError,
    NotFoundError,
    OutcomeUnknownError,
    VoiceCreationFailedError,
    VoiceTask,
    WaitTimeoutError,
)
from kling_voices.mock import Fault, MockGateway, VirtualClock
from kling_voices.mock._faults import Kind as FaultKind

from contract_tests.harness.strategies import names
from tests.support.clients import Caller

CREATE, QUERY = "create_custom_voice", "get_custom_voice"
SECONDS = 10.0

LOST: tuple[FaultKind, ...] = ("reset_before", "shape_before")  # never accepted, and the client cannot know
KEPT: tuple[FaultKind, ...] = ("reset_after", "reset_within", "cut_short", "false_length", "no_answer", "shape_after")


@define
class Created:
    """What the model knows of one charge."""

    external_task_id: str
    name: str
    fails: bool
    at: float
    deleted: bool = False


class Service(RuleBasedStateMachine):
    """The model, beside an SDK on a mock gateway."""

    kind = "sync"
    tasks = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.gateway = MockGateway(clock=self.clock, creation_seconds=SECONDS)
        self.model: dict[str, Created] = {}
        self.unknown: set[str] = set()
        self.count = 0
        transport = httpx.MockTransport(self.gateway.handle)
        self.runner: asyncio.Runner | None = None
        client: KlingVoices | AsyncKlingVoices
        if self.kind == "sync":
            http = httpx.Client(transport=transport)
            client = KlingVoices("mock-key", gateway="mock", http_client=http, clock=self.clock)
        else:
            self.runner = asyncio.Runner()
            async_http = httpx.AsyncClient(transport=transport)
            client = AsyncKlingVoices("mock-key", gateway="mock", http_client=async_http, clock=self.clock)
        self.call = Caller(client, self.runner and self.runner.run)

    def teardown(self) -> None:
        """Close the event loop of the asynchronous machine."""
        if self.runner is not None:
            self.runner.close()

    def _next_id(self) -> str:
        self.count += 1
        return f"order-{self.count}"

    def _status(self, created: Created) -> str:
        age = self.clock.time() - created.at
        if age >= SECONDS:
            return "failed" if created.fails else "succeed"
        return "processing" if age >= SECONDS / 5 else "submitted"

    def _create(self, name: str, *, fails: bool, external_task_id: str) -> VoiceTask:
        source = "https://example.com/silence.mp3" if fails else "https://example.com/ada.mp3"
        at = self.clock.time()
        try:
            task: VoiceTask = self.call("create_voice", name, voice_url=source, external_task_id=external_task_id)
        finally:
            if len(self.gateway.tasks) > len(self.model):
                self.model[self.gateway.tasks[-1].task_id] = Created(
                    external_task_id, name, fails, self.gateway.tasks[-1].created_at
                )
                assert self.gateway.tasks[-1].created_at >= at
        return task

    def _agrees(self, task: VoiceTask, created: Created) -> None:
        assert task.external_task_id == created.external_task_id
        assert task.status == self._status(created)
        names_of_voices = [voice.voice_name for voice in task.voices]
        assert names_of_voices == ([created.name] if task.succeeded and not created.deleted else [])

    @initialize(target=tasks)
    def first(self) -> str:
        """There is always a task to talk about."""
        return self._accepted(self._create("Ada", fails=False, external_task_id=self._next_id()))

    def _accepted(self, task: VoiceTask) -> str:
        assert task.task_id is not None
        assert task.task_id in self.model
        return task.task_id

    @rule(target=tasks, name=names, fails=st.booleans())
    def create(self, name: str, fails: bool) -> str:
        """A create that nothing happens to."""
        return self._accepted(self._create(name, fails=fails, external_task_id=self._next_id()))

    @rule(target=tasks, name=names, fault=st.sampled_from(KEPT))
    def create_with_a_lost_answer(self, name: str, fault: FaultKind) -> str:
        """Accepted, and the answer lost: the SDK finds the task."""
        self.gateway.misbehave(Fault(fault, operation=CREATE, times=1))
        return self._accepted(self._create(name, fails=False, external_task_id=self._next_id()))

    @rule(name=names, fault=st.sampled_from(LOST))
    def create_that_gets_lost(self, name: str, fault: FaultKind) -> None:
        """Not accepted, and nobody can know: the SDK says so, and charges nothing."""
        external_task_id = self._next_id()
        self.gateway.misbehave(Fault(fault, operation=CREATE, times=1))
        with pytest.raises(OutcomeUnknownError) as caught:
            self._create(name, fails=False, external_task_id=external_task_id)
        assert caught.value.external_task_id == external_task_id
        self.unknown.add(external_task_id)

    @rule(target=tasks, name=names, fault=st.sampled_from(KEPT))
    def create_that_hides(self, name: str, fault: FaultKind) -> Any:
        """Accepted, the answer lost, and the queries fail: unknown, and recovered later."""
        external_task_id = self._next_id()
        self.gateway.misbehave(Fault(fault, operation=CREATE, times=1))
        self.gateway.misbehave(Fault("shape_before", operation=QUERY, times=3, shape="HTML 502"))
        with pytest.raises(OutcomeUnknownError) as caught:
            self._create(name, fails=False, external_task_id=external_task_id)
        recovered = self.call("recover", caught.value.external_task_id)
        return self._accepted(recovered)

    @rule(target=tasks, name=names, fault=st.sampled_from(["refuse", "empty 429", "kling 429 1303"]))
    def create_at_the_second_try(self, name: str, fault: str) -> str:
        """Refused in passing: sent again under the same id."""
        if fault == "refuse":
            self.gateway.misbehave(Fault("refuse", operation=CREATE, times=1))
        else:
            self.gateway.misbehave(Fault("shape_before", operation=CREATE, times=1, shape=fault))
        return self._accepted(self._create(name, fails=False, external_task_id=self._next_id()))

    @rule(task_id=tasks)
    def create_again_under_a_taken_id(self, task_id: str) -> None:
        """Refused, and charged once."""
        external_task_id = self.model[task_id].external_task_id
        with pytest.raises(BadRequestError, match="already exists") as caught:
            self._create("Ada", fails=False, external_task_id=external_task_id)
        assert caught.value.outcome == "not_created"

    @rule(task_id=tasks, by_external_id=st.booleans())
    def get(self, task_id: str, by_external_id: bool) -> None:
        """Both ids show the task as it stands."""
        created = self.model[task_id]
        task = self.call("get_task", created.external_task_id if by_external_id else task_id)
        assert task.task_id == task_id
        self._agrees(task, created)

    @rule(task_id=tasks, timeout=st.sampled_from([0, 1, 60]))
    def wait(self, task_id: str, timeout: int) -> None:
        """To success, to failure, or to the end of the time."""
        created = self.model[task_id]
        left = created.at + SECONDS - self.clock.time()
        start = self.clock.time()
        try:
            task = self.call("wait", task_id, timeout=timeout)
        except VoiceCreationFailedError as error:
            assert created.fails
            self._agrees(error.task, created)
        except WaitTimeoutError as error:
            assert left > timeout - 1e-3
            assert self.clock.time() - start <= timeout + 1e-3
            assert error.task.task_id == task_id
        else:
            assert task.succeeded
            self._agrees(task, created)

    @rule(task_id=tasks)
    def delete(self, task_id: str) -> None:
        """A voice is deleted once; before it exists, and afterwards, there is nothing to delete."""
        created = self.model[task_id]
        task = self.call("get_task", task_id)
        if task.voice is None:
            with pytest.raises(BadRequestError):
                self.call("delete_voice", str(int(task_id) + 10**16) + "0")
            return
        self.call("delete_voice", task.voice.voice_id)
        created.deleted = True
        with pytest.raises(BadRequestError):
            self.call("delete_voice", task.voice.voice_id)

    @rule(page_size=st.sampled_from([1, 2, 3, 1000]))
    def list(self, page_size: int) -> None:
        """The whole list, the newest first, whatever the size of a page."""
        listed = self.call("list_tasks", page_size=page_size)
        assert [task.task_id for task in listed] == [*reversed(self.model)]
        for task in listed:
            self._agrees(task, self.model[task.task_id or ""])

    @precondition(lambda self: self.unknown)
    @rule()
    def recover_what_was_lost(self) -> None:
        """What was never accepted is not found, however often one asks."""
        assert [self.call("recover", lost) for lost in self.unknown] == [None] * len(self.unknown)

    @rule()
    def ask_for_nobody(self) -> None:
        """An id that nobody has given is not found."""
        with pytest.raises(NotFoundError):
            self.call("get_task", "nobody")

    @rule(seconds=st.sampled_from([0.5, 2.0, 5.0, 10.0]))
    def let_time_pass(self, seconds: float) -> None:
        """Tasks move on by the clock alone."""
        self.clock.advance(seconds)

    @rule(task_id=consumes(tasks), target=tasks)
    def keep(self, task_id: str) -> Any:
        """Bring an old task back to attention."""
        return multiple(task_id)

    @invariant()
    def the_ledger_is_the_model(self) -> None:
        """Charged is what the model says, each under its own external id, and nothing that was lost."""
        ledger = [task.external_task_id for task in self.gateway.tasks]
        assert ledger == [created.external_task_id for created in self.model.values()]
        assert len(set(ledger)) == len(ledger)
        assert not self.unknown & set(ledger)


class AsyncService(Service):
    """The same, to await."""

    kind = "asyncio"


@pytest.mark.parametrize("machine", [Service, AsyncService])
def test_model_mock_and_sdk_agree(machine: type[Service]) -> None:
    """For any order of creates, faults, polls, lists, deletions and recoveries: one truth."""
    run_state_machine_as_test(
        machine, settings=settings(max_examples=60, stateful_step_count=25, derandomize=True, deadline=None)
    )


def test_the_machine_sees_a_double_charge() -> None:
    """A ledger with one charge too many is seen: the machine can fail."""
    service = Service()
    service.first()
    body = {"voice_name": "Ada", "external_task_id": "twice"}
    service.gateway._core.ledger.accept("create_custom_voice", body, 0)
    with pytest.raises(AssertionError):
        service.the_ledger_is_the_model()
    assert issubclass(OutcomeUnknownError, KlingVoicesError)
