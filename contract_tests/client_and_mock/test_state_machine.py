"""Any order of calls on voices, with faults: client, mock gateway and a model in plain Python always agree.

The model knows the charges, their external ids, the status of each task, and the deleted voices. After every step the
ledger of the mock gateway and the results of the client are compared with it.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, initialize, multiple, precondition, rule, run_state_machine_as_test
from kling_voices import (
    BadRequestError,
    NotFoundError,
    OutcomeUnknownError,
    VoiceCreationFailedError,
    VoiceTask,
    WaitTimeoutError,
)
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
from contract_tests.harness.strategies import names


class VoiceMachine(GatewayMachine):
    """The typed methods of the synchronous client."""

    tasks = Bundle("tasks")

    def _create(self, name: str, external_task_id: str, *, fails: bool = False) -> VoiceTask:
        url = "https://example.com/silence.mp3" if fails else "https://example.com/ada.mp3"

        def create() -> VoiceTask:
            task: VoiceTask = self.call("create_voice", name, voice_url=url, external_task_id=external_task_id)
            return task

        return self.charged(external_task_id, create, fails=fails, name=name)

    def _task_id(self, task: VoiceTask) -> str:
        assert task.task_id is not None
        assert task.task_id in self.charges
        return task.task_id

    def _compare(self, task: VoiceTask, charge: Charge) -> None:
        status = charge.status(self.clock.time())
        assert task.external_task_id == charge.external_task_id
        assert (task.succeeded, task.failed) == (status == "succeed", status == "failed")
        voices = [charge.name] if task.succeeded and not charge.is_deleted else []
        assert [voice.voice_name for voice in task.voices] == voices

    @initialize(target=tasks)
    def first_create(self) -> str:
        """There is always a task."""
        return self._task_id(self._create("Ada", self.next_id()))

    @rule(target=tasks, name=names, fails=st.booleans())
    def create(self, name: str, fails: bool) -> str:
        """A create without a fault."""
        return self._task_id(self._create(name, self.next_id(), fails=fails))

    @rule(target=tasks, name=names, fault=st.sampled_from(LOST_RESPONSE))
    def create_with_lost_response(self, name: str, fault: FaultKind) -> str:
        """The create is accepted and its response lost: the client finds the task."""
        self.add_fault(fault)
        return self._task_id(self._create(name, self.next_id()))

    @rule(name=names, fault=st.sampled_from(LOST_REQUEST))
    def create_with_lost_request(self, name: str, fault: FaultKind) -> None:
        """The create is not accepted, and the client cannot know: the outcome is unknown, and nothing is charged."""
        external_task_id = self.next_id()
        self.add_fault(fault)
        with pytest.raises(OutcomeUnknownError) as caught:
            self._create(name, external_task_id)
        assert caught.value.external_task_id == external_task_id
        self.lost_ids.add(external_task_id)

    @rule(target=tasks, name=names, fault=st.sampled_from(LOST_RESPONSE))
    def create_and_recover(self, name: str, fault: FaultKind) -> str:
        """The create is accepted, its response lost, and the queries fail: unknown, and recovered later."""
        self.add_fault(fault)
        self.fail_queries(3)
        with pytest.raises(OutcomeUnknownError) as caught:
            self._create(name, self.next_id())
        return self._task_id(self.call("recover", caught.value.external_task_id))

    @rule(target=tasks, name=names)
    def create_and_crash(self, name: str) -> str:
        """The client ends after the create was accepted: a new client recovers the task by its external id."""
        external_task_id = self.next_id()
        self.interrupt(lambda: self._create(name, external_task_id))
        return self._task_id(self.call("recover", external_task_id))

    @rule(target=tasks, name=names, rejection=st.sampled_from(TRANSIENT_REJECTIONS))
    def create_with_retry(self, name: str, rejection: str) -> str:
        """A transient rejection: the client sends the create again under the same id."""
        self.add_rejection(rejection)
        return self._task_id(self._create(name, self.next_id()))

    @rule(task_id=tasks)
    def create_with_taken_id(self, task_id: str) -> None:
        """An external id that is already used is rejected, and nothing is charged."""
        with pytest.raises(BadRequestError, match="already exists") as caught:
            self._create("Ada", self.charges[task_id].external_task_id)
        assert caught.value.outcome == "not_created"

    @rule(task_id=tasks, by_external_id=st.booleans())
    def get(self, task_id: str, by_external_id: bool) -> None:
        """Both ids show the current state of the task."""
        charge = self.charges[task_id]
        task = self.call("get_task", charge.external_task_id if by_external_id else task_id)
        assert task.task_id == task_id
        self._compare(task, charge)

    @rule(task_id=tasks, timeout=st.sampled_from([0, 1, 60]))
    def wait(self, task_id: str, timeout: int) -> None:
        """A wait ends with success, with failure, or after its timeout."""
        charge = self.charges[task_id]
        start = self.clock.time()
        remaining = charge.created_at + SECONDS - start
        try:
            task = self.call("wait", task_id, timeout=timeout)
        except VoiceCreationFailedError as error:
            assert charge.fails
            self._compare(error.task, charge)
        except WaitTimeoutError as error:
            assert remaining > timeout - 1e-3
            assert self.clock.time() - start <= timeout + 1e-3
            assert error.task.task_id == task_id
        else:
            assert task.succeeded
            self._compare(task, charge)

    @rule(task_id=tasks)
    def delete(self, task_id: str) -> None:
        """A voice can be deleted once; a voice that does not exist cannot be deleted."""
        charge = self.charges[task_id]
        task = self.call("get_task", task_id)
        if task.voice is None:
            with pytest.raises(BadRequestError):
                self.call("delete_voice", str(int(task_id) + 10**16) + "0")
            return
        self.call("delete_voice", task.voice.voice_id)
        charge.is_deleted = True
        with pytest.raises(BadRequestError):
            self.call("delete_voice", task.voice.voice_id)

    @rule(page_size=st.sampled_from([1, 2, 3, 1000]))
    def list(self, page_size: int) -> None:
        """The list has all tasks, the newest first, for any page size."""
        listed = self.call("list_tasks", page_size=page_size)
        assert [task.task_id for task in listed] == [*reversed(self.charges)]
        for task in listed:
            self._compare(task, self.charges[task.task_id or ""])

    @precondition(lambda self: self.lost_ids)
    @rule()
    def recover_lost_requests(self) -> None:
        """A create that was never accepted is never found."""
        assert [self.call("recover", lost) for lost in self.lost_ids] == [None] * len(self.lost_ids)

    @rule()
    def get_unknown_id(self) -> None:
        """An id that no task has is not found."""
        with pytest.raises(NotFoundError):
            self.call("get_task", "unknown")

    @rule(seconds=st.sampled_from([0.5, 2.0, 5.0, 10.0]))
    def advance(self, seconds: float) -> None:
        """Time passes, and tasks progress."""
        self.clock.advance(seconds)

    @rule(task_id=consumes(tasks), target=tasks)
    def choose_again(self, task_id: str) -> Any:
        """Move a task to the end of the bundle, so that old tasks are used as often as new ones."""
        return multiple(task_id)


class AsyncVoiceMachine(VoiceMachine):
    """The typed methods of the asynchronous client."""

    is_async = True


class NewerEnvelopeMachine(VoiceMachine):
    """Kling's newer envelope (V)."""

    dialect = "kling-v2"


@pytest.mark.parametrize("machine", [VoiceMachine, AsyncVoiceMachine, NewerEnvelopeMachine])
def test_model_mock_and_client_agree(machine: type[VoiceMachine]) -> None:
    """For any order of creates, faults, crashes, queries, lists, deletions and recoveries, all three agree."""
    run_state_machine_as_test(machine, settings=MACHINE_SETTINGS)


def test_a_double_charge_is_noticed() -> None:
    """A charge that the model does not know fails the comparison: the test can fail."""
    machine = VoiceMachine()
    machine.first_create()
    machine.the_ledger_is_the_model()
    machine.call("create_voice", "Ada", voice_url="https://example.com/ada.mp3", external_task_id="twice")
    with pytest.raises(AssertionError):
        machine.the_ledger_is_the_model()
