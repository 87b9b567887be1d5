"""The shared state of one mock gateway: the operations, the faults, the clock, and the list of exchanges."""

from __future__ import annotations

import threading
from collections.abc import Callable

from attrs import define, field

from ..clock import Clock
from ._exchanges import Exchange, Exchanges
from ._faults import Fault, Faults
from ._messages import Reply, Request
from ._respond import Account, respond
from ._service import Service
from ._tasks.callbacks import notices
from ._tasks.ledger import Ledger
from ._tasks.task import Callback


@define
class Core:
    """The state of one mock gateway. Its methods are safe to call from several threads.

    Attributes:
        account: The account that requests must be authorized for.
        faults: The faults that are switched on.
        clock: The source of time.
        advanced: How far the time of the mock is ahead of its clock, in seconds.
        exchanges: The latest exchanges.
        observers: Called with each exchange.
        listeners: Called after each change.
    """

    account: Account
    faults: Faults
    clock: Clock
    advanced: float = 0.0
    exchanges: Exchanges = field(factory=Exchanges)
    observers: list[Callable[[Exchange], None]] = field(factory=list)
    listeners: list[Callable[[], None]] = field(factory=list)
    lock: threading.RLock = field(factory=threading.RLock)

    @property
    def service(self) -> Service:
        """The operations."""
        return self.account.service

    @property
    def ledger(self) -> Ledger:
        """The memory."""
        return self.account.service.ledger

    def now(self) -> float:
        """The time of the mock, in seconds since 1970."""
        return self.clock.time() + self.advanced

    def changed(self) -> None:
        """Tell the listeners."""
        for listener in tuple(self.listeners):
            listener()

    def reply(self, request: Request) -> Reply:
        """Answer one request."""
        with self.lock:
            self.exchanges.count += 1
            operation_id = self._operation_id(request)
            fault = self._fault(operation_id)
            if fault is not None and not fault.accepts:
                reply = fault.apply(None)
            else:
                request_id = f"mock-{self.exchanges.count:08d}"
                reply = respond(self.account, request, now=self.now(), request_id=request_id, fault=fault)
                reply = fault.apply(reply) if fault is not None else reply
            exchange = self.exchanges.add(self.now(), operation_id, request, reply, fault)
        for observer in tuple(self.observers):
            observer(exchange)
        self.changed()
        return reply

    def callbacks(self) -> tuple[Callback, ...]:
        """The callbacks that are due until now, in order."""
        with self.lock:
            now = self.now()
            planned = [(task, notice) for task in self.ledger.accepted for notice in notices(task, self.ledger)]
            planned.sort(key=lambda pair: pair[1].due)
            return tuple(self.service.callback(task, notice) for task, notice in planned if notice.due <= now)

    def _operation_id(self, request: Request) -> str | None:
        route = self.service.contract.find(request.path)
        operation = route.operations.get(request.method.lower()) if route else None
        return operation.operation_id if operation else None

    def _fault(self, operation_id: str | None) -> Fault | None:
        if not self.faults or operation_id is None:
            return None
        return self.faults.choose(operation_id, is_create=operation_id in self.service.contract.task_operations)
