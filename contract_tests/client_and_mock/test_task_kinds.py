"""Every paid operation of Kling's task pattern through `call`, in any order and with faults: nothing is charged twice.

The kinds of tasks come from the contract, so a page that adds one is tested as soon as it is regenerated.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, precondition, rule, run_state_machine_as_test
from kling_voices import (
    AsyncKlingVoices,
    BadRequestError,
    KlingVoicesError,
    NotFoundError,
    OutcomeUnknownError,
    VoiceCreationFailedError,
    WaitTimeoutError,
)
from kling_voices._protocol.task_pattern import find_task_operations
from kling_voices.mock import MockGateway, VirtualClock
from kling_voices.mock._faults import Kind as FaultKind

from contract_tests.client_and_mock.machine import (
    LOST_REQUEST,
    LOST_RESPONSE,
    MACHINE_SETTINGS,
    SECONDS,
    TRANSIENT_REJECTIONS,
    Charge,
    GatewayMachine,
)
from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.hostile import hostile_faults
from contract_tests.harness.operations import EXTERNAL_ID, TaskKind, read_task_kinds
from contract_tests.harness.samples import samples
from contract_tests.harness.strategies import argument_name

KINDS = {kind.name: kind for kind in read_task_kinds(CONTRACT)}
CREATES = 1_000  # of each kind, on the hostile gateway
SUCCESS_WORDS = {"succeed", "succeeded"}


def _body(kind: TaskKind, external_task_id: str) -> dict[str, Any]:
    assert kind.create.body is not None
    sample: dict[str, Any] = next(samples(kind.create.document, kind.create.body.schema))
    return {**sample, EXTERNAL_ID: external_task_id}


def _id_argument(kind: TaskKind) -> str:
    return argument_name([*kind.query.parameters_in("path")][-1])


def _id_of(data: dict[str, Any]) -> str:
    """The task id, in the older or in the newer envelope."""
    return str(data.get("task_id") or data["id"])


def _status_of(data: dict[str, Any]) -> str:
    return str(data.get("task_status") or data["status"])


class TaskKindMachine(GatewayMachine):
    """One kind of task, through `call`."""

    kind: TaskKind
    tasks = Bundle("tasks")

    def _create(self, external_task_id: str, *, fails: bool = False) -> dict[str, Any]:
        def create() -> dict[str, Any]:
            data: dict[str, Any] = self.call("call", self.kind.name, body=_body(self.kind, external_task_id))
            return data

        if fails:
            self.add_fault("fail_task")
        return self.charged(external_task_id, create, fails=fails)

    def _query(self, either_id: str, **options: Any) -> dict[str, Any]:
        data: dict[str, Any] = self.call(
            "call", self.kind.query.name, **{_id_argument(self.kind): either_id}, **options
        )
        return data

    def _task_id(self, data: dict[str, Any]) -> str:
        assert _id_of(data) in self.charges
        return _id_of(data)

    def _compare(self, data: dict[str, Any], charge: Charge) -> None:
        status = charge.status(self.clock.time())
        assert _status_of(data) in (SUCCESS_WORDS if status == "succeed" else {status})

    @initialize(target=tasks)
    def first_create(self) -> str:
        """There is always a task."""
        return self._task_id(self._create(self.next_id()))

    @rule(target=tasks, fails=st.booleans())
    def create(self, fails: bool) -> str:
        """A create without a fault of the gateway."""
        return self._task_id(self._create(self.next_id(), fails=fails))

    @rule(target=tasks, fault=st.sampled_from(LOST_RESPONSE))
    def create_with_lost_response(self, fault: FaultKind) -> str:
        """The create is accepted and its response lost: the client finds the task."""
        self.add_fault(fault)
        return self._task_id(self._create(self.next_id()))

    @rule(fault=st.sampled_from(LOST_REQUEST))
    def create_with_lost_request(self, fault: FaultKind) -> None:
        """The create is not accepted, and the client cannot know: the outcome is unknown, and nothing is charged."""
        external_task_id = self.next_id()
        self.add_fault(fault)
        with pytest.raises(OutcomeUnknownError) as caught:
            self._create(external_task_id)
        assert caught.value.external_task_id == external_task_id
        self.lost_ids.add(external_task_id)

    @rule(target=tasks, fault=st.sampled_from(LOST_RESPONSE))
    def create_and_query_later(self, fault: FaultKind) -> str:
        """The create is accepted, its response lost, and the queries fail: unknown, and found later by a query."""
        self.add_fault(fault)
        self.fail_queries(3)
        with pytest.raises(OutcomeUnknownError) as caught:
            self._create(self.next_id())
        return self._task_id(self._query(caught.value.external_task_id or ""))

    @rule(target=tasks)
    def create_and_crash(self) -> str:
        """The client ends after the create was accepted: a new client finds the task by its external id."""
        external_task_id = self.next_id()
        self.interrupt(lambda: self._create(external_task_id))
        return self._task_id(self._query(external_task_id))

    @rule(target=tasks, rejection=st.sampled_from(TRANSIENT_REJECTIONS))
    def create_with_retry(self, rejection: str) -> str:
        """A transient rejection: the client sends the create again under the same id."""
        self.add_rejection(rejection)
        return self._task_id(self._create(self.next_id()))

    @rule(task_id=tasks)
    def create_with_taken_id(self, task_id: str) -> None:
        """An external id that is already used is rejected, and nothing is charged."""
        with pytest.raises(BadRequestError, match="already exists") as caught:
            self._create(self.charges[task_id].external_task_id)
        assert caught.value.outcome == "not_created"

    @rule(task_id=tasks, by_external_id=st.booleans())
    def query(self, task_id: str, by_external_id: bool) -> None:
        """Both ids show the current state of the task."""
        charge = self.charges[task_id]
        data = self._query(charge.external_task_id if by_external_id else task_id)
        assert _id_of(data) == task_id
        self._compare(data, charge)

    @rule(task_id=tasks, timeout=st.sampled_from([0, 1, 60]))
    def wait(self, task_id: str, timeout: int) -> None:
        """A query with `wait=True` ends with success, with failure, or after its timeout."""
        charge = self.charges[task_id]
        start = self.clock.time()
        remaining = charge.created_at + SECONDS - start
        try:
            data = self._query(task_id, wait=True, timeout=timeout)
        except VoiceCreationFailedError as error:
            assert charge.fails
            assert error.task.task_id == task_id
        except WaitTimeoutError as error:
            assert remaining > timeout - 1e-3
            assert self.clock.time() - start <= timeout + 1e-3
            assert error.task.task_id == task_id
        else:
            self._compare(data, charge)

    @rule(target=tasks)
    def create_and_wait(self) -> str:
        """A create with `wait=True` returns the task that succeeded."""
        external_task_id = self.next_id()
        body = _body(self.kind, external_task_id)
        data = self.charged(
            external_task_id, lambda: self.call("call", self.kind.name, body=body, wait=True, timeout=60)
        )
        assert _status_of(data) in SUCCESS_WORDS
        return self._task_id(data)

    @precondition(lambda self: self.kind.list is not None)
    @rule()
    def list(self) -> None:
        """The list has the newest tasks first."""
        assert self.kind.list is not None
        listed = self.call("call", self.kind.list.name)
        expected = [*reversed(self.charges)]
        assert [_id_of(data) for data in listed] == expected[: len(listed)]
        assert len(listed) >= min(len(expected), 10)

    @precondition(lambda self: self.lost_ids)
    @rule()
    def query_lost_requests(self) -> None:
        """A create that was never accepted is never found."""
        for external_task_id in self.lost_ids:
            with pytest.raises(NotFoundError):
                self._query(external_task_id)

    @rule(seconds=st.sampled_from([0.5, 2.0, 5.0, 10.0]))
    def advance(self, seconds: float) -> None:
        """Time passes, and tasks progress."""
        self.clock.advance(seconds)


def _machine(task_kind: TaskKind, *, uses_async: bool, form: str) -> type[TaskKindMachine]:
    class Machine(TaskKindMachine):
        kind = task_kind
        is_async = uses_async
        dialect = form
        create_operation = task_kind.create.name
        query_operation = task_kind.query.name

    return Machine


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(("uses_async", "form"), [(False, "kling"), (True, "kling"), (False, "kling-v2")])
def test_model_mock_and_client_agree(name: str, uses_async: bool, form: str) -> None:
    """For any order of creates, faults, crashes, queries and waits, the charges match the model."""
    run_state_machine_as_test(_machine(KINDS[name], uses_async=uses_async, form=form), settings=MACHINE_SETTINGS)


@pytest.mark.parametrize("name", KINDS)
def test_a_thousand_creates_on_a_hostile_gateway(name: str) -> None:
    """A thousand concurrent creates, one in five with an ambiguous failure, are each charged at most once."""
    kind, clock = KINDS[name], VirtualClock()
    gateway = MockGateway(clock=clock, faults=hostile_faults(kind.create.name, kind.query.name), seed=3)
    returned: list[str] = []
    outcomes: Counter[str] = Counter()
    unknown: set[str] = set()

    async def worker(client: AsyncKlingVoices, number: int) -> None:
        for order in range(number, CREATES, 50):
            try:
                await client.call(kind.name, body=_body(kind, f"order-{order}"))
                returned.append(f"order-{order}")
            except KlingVoicesError as error:
                outcomes[error.outcome] += 1
                assert error.external_task_id == f"order-{order}"
                if error.outcome == "unknown":
                    unknown.add(f"order-{order}")

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(gateway.handle)) as http:
            client = AsyncKlingVoices("mock-key", gateway="mock", http_client=http, clock=clock)
            await asyncio.gather(*(worker(client, number) for number in range(50)))

    asyncio.run(run())
    ledger = [task.external_task_id for task in gateway.tasks]
    assert len(set(ledger)) == len(ledger), "a task was charged twice"
    assert set(returned) <= set(ledger) <= set(returned) | unknown
    assert len(returned) + outcomes.total() == CREATES
    assert len(returned) > 0.9 * CREATES
    assert min(outcomes["unknown"], outcomes["not_created"]) > 0


def test_the_client_finds_the_same_kinds() -> None:
    """The client recognises exactly the kinds of tasks that the contract describes, at least one."""
    found = {create: (kind.query, kind.list) for create, kind in find_task_operations(CONTRACT).items()}
    assert found == {name: (kind.query.name, kind.list and kind.list.name) for name, kind in KINDS.items()}
    assert len(KINDS) >= 1
