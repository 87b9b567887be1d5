"""The operations of a gateway that follows the contract: from a validated request to the content of the response."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, evolve, field, frozen

from .._protocol.task_pattern import TaskOperations
from ._contract.instances import ABSENT
from ._contract.operations import Operation
from ._contract.responses import Response
from ._contract.routes import Contract
from ._faults import Fault
from ._tasks.callbacks import Notice
from ._tasks.dialects import Forms, echo
from ._tasks.ledger import Ledger
from ._tasks.presets import PRESET_IDS, PRESETS
from ._tasks.results import VOICES, ResultBuilder
from ._tasks.task import Callback, MockTask
from ._tasks.views import Form, TaskView


class Refusal(Exception):
    """The request is refused with this status, Kling's code and message."""

    def __init__(self, status: int, code: int, message: str, **headers: str) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


@frozen
class Call:
    """A validated request.

    Attributes:
        operation: What is called.
        parameters: By place (path, query, header, cookie) and name.
        body: The value of the body, None without one.
        now: Seconds since 1970.
        request_id: The id of this exchange.
        fault: The fault that happens to this exchange, or None.
    """

    operation: Operation
    parameters: dict[str, dict[str, Any]]
    body: Any
    now: float
    request_id: str
    fault: Fault | None = None

    @property
    def paging(self) -> tuple[int, int]:
        """Page number and page size, also if the contract does not declare them. The defaults are Kling's (V)."""
        query = self.parameters["query"]
        number, size = (_positive(query.get(name)) for name in ("pageNum", "pageSize"))
        return number or 1, size or 30


@define
class Service:
    """The operations, over the memory of one gateway."""

    contract: Contract
    ledger: Ledger
    forms: Forms
    _handlers: dict[str, Callable[[Call], Any]] = field(init=False)
    _kinds: dict[str, TaskOperations] = field(init=False)
    _builders: dict[str, ResultBuilder] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._handlers = {"list_preset_voices": self._presets, "delete_custom_voice": self._delete}
        self._kinds = {}
        for kind in self.contract.task_operations.values():
            self._handlers[kind.create] = self._create
            self._handlers[kind.query] = self._query
            self._kinds[kind.query] = self._kinds[kind.create] = kind
            if kind.list:
                self._handlers[kind.list] = self._list
                self._kinds[kind.list] = kind

    def content(self, call: Call) -> Any:
        """The content of a successful response, valid for the contract. Raises Refusal, or Unbuildable."""
        response = call.operation.response(call.operation.success_status)
        handler = self._handlers.get(call.operation.operation_id)
        if handler is None:
            return _plain(call, response)
        content = handler(call)
        # The contract describes the voice operations in the older envelope only, which they answer today (V).
        fitted = content if self.forms.is_newer else response.fit(content)
        return self.forms.with_status_word(fitted)

    def callback(self, task: MockTask, notice: Notice) -> Callback:
        """The callback that is sent for a notice."""
        view = self._view(task, notice.moment)
        if notice.is_forged:
            forged = evolve(task, result_id=str(int(task.result_id) + 10**15))
            view = evolve(view, status="succeed", message="", results=self._results(task.operation).build(forged))
        described = self.forms.reworded(self._described(task.operation)(view))
        return Callback(task.callback_url or "", described, notice.id, notice.due, notice.is_forged)

    def _create(self, call: Call) -> Any:
        body = call.body if isinstance(call.body, dict) else {}
        if self.ledger.is_taken(body.get("external_task_id")):
            raise Refusal(400, 1201, "external_task_id already exists")
        if self.ledger.is_full(call.now):
            raise Refusal(429, 1303, "parallel task over resource pack limit")
        task = self.ledger.accept(call.operation.operation_id, body, call.now, call.fault)
        if self.forms.echoes and task.operation == VOICES:
            return echo(body)
        return envelope(self._created(task.operation)(self._view(task, call.now)), call.request_id)

    def _query(self, call: Call) -> Any:
        kind = self._kinds[call.operation.operation_id]
        either_id = str(call.parameters["path"][kind.id_name])
        task = self.ledger.find(kind.create, either_id)
        if task is None:
            raise Refusal(400, 1201, f"task not found: {either_id}")
        return envelope(self._described(kind.create)(self._view(task, call.now)), call.request_id)

    def _list(self, call: Call) -> Any:
        kind = self._kinds[call.operation.operation_id]
        page = self.ledger.page(kind.create, *call.paging)
        described = self._described(kind.create)
        return envelope([described(self._view(task, call.now)) for task in page], call.request_id)

    def _presets(self, call: Call) -> Any:
        number, size = call.paging
        page = PRESETS[(number - 1) * size : number * size]
        described = self._described(VOICES)
        return envelope([described(preset.view()) for preset in page], call.request_id)

    def _delete(self, call: Call) -> Any:
        voice_id = call.body.get("voice_id", "") if isinstance(call.body, dict) else ""
        if voice_id in PRESET_IDS:
            raise Refusal(403, 1103, "a preset cannot be deleted")
        if not self.ledger.delete(voice_id):
            raise Refusal(400, 1201, f"voice not found: {voice_id}")
        return envelope(self.forms.deletion(voice_id), call.request_id)

    def _view(self, task: MockTask, now: float) -> TaskView:
        status = self.ledger.status(task, now)
        return TaskView(
            task.task_id,
            status,
            _failure(task) if status == "failed" else "",
            task.external_task_id or "",
            task.created_at,
            self.ledger.updated_at(task, now),
            results=self._results(task.operation).build(task) if status == "succeed" else None,
            is_deleted=self.ledger.is_deleted(task),
            is_charged=True,
        )

    def _described(self, create: str) -> Form:
        return self.forms.described(is_newer=self._is_newer(create))

    def _created(self, create: str) -> Form:
        return self.forms.created(is_newer=self._is_newer(create))

    def _is_newer(self, create: str) -> bool:
        return create in self._kinds and self._results(create).is_newer

    def _results(self, create: str) -> ResultBuilder:
        if create not in self._builders:
            query = self.contract.operations[self._kinds[create].query]
            response = query.response(query.success_status)
            self._builders[create] = ResultBuilder(response, self.contract.operations[create].path)
        return self._builders[create]


def envelope(data: Any, request_id: str) -> dict[str, Any]:
    """Kling's envelope of a success (V)."""
    return {"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data}


def _positive(value: Any) -> int | None:
    """A number from 1 to 1000, or None."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= 1000 else None


def _plain(call: Call, response: Response) -> Any:
    """The response of an operation outside the task pattern: the documented example, or built from the schema."""
    if response.example is not ABSENT:
        return response.example
    return response.complete(envelope({}, call.request_id))


def _failure(task: MockTask) -> str:
    if task.has_fault("fail_task"):
        return "the task failed on demand"
    return "no voice was found in the audio"
