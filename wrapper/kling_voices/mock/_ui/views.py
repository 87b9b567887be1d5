"""The content of the page, as JSON without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any

import attrs

from ..._protocol.redaction import redact, redact_url
from .. import _faults
from .._callbacks import Delivery
from .._core import Core
from .._exchanges import Exchange
from .._shapes import SHAPES
from .._tasks.task import MockTask
from .._tasks.views import UNITS
from . import redacted

SHOWN = 100  # of tasks, exchanges and callbacks, the newest first
_ROW = re.compile(r"^\| (\w+) \| (yes|no) \| (.+) \|$", re.MULTILINE)


class Views:
    """The views of one mock gateway."""

    def __init__(self, core: Core, deliveries: Iterable[Delivery], secrets: Iterable[str]) -> None:
        self._core, self._deliveries, self._secrets = core, deliveries, tuple(filter(None, secrets))

    def state(self) -> dict[str, Any]:
        """Everything that changes."""
        core, ledger = self._core, self._core.ledger
        with core.lock:
            now = core.now()
            return {
                "advanced_seconds": core.advanced,
                "charges": {"count": len(ledger.accepted), "units": str(Decimal(UNITS) * len(ledger.accepted))},
                "places": {
                    "limit": ledger.parallel_tasks,
                    "occupied": ledger.occupied,
                    "running": ledger.running(now) - ledger.occupied,
                },
                "tasks": [self._task(task, now) for task in islice(reversed(ledger.accepted), SHOWN)],
                "exchanges": [self._summary(exchange) for exchange in self._newest(core.exchanges)],
                "callbacks": [self._delivery(delivery) for delivery in self._newest(self._deliveries)],
                "faults": [
                    {"number": rule.number, "count": rule.count, **attrs.asdict(rule.fault)} for rule in core.faults
                ],
            }

    def options(self) -> dict[str, Any]:
        """Everything that does not change: what can be chosen."""
        described = {kind: text for kind, _, text in _ROW.findall(_faults.__doc__ or "")}
        return {
            "dialect": self._core.service.forms.dialect,
            "operations": list(self._core.service.contract.operations),
            "fault_kinds": [{"kind": kind, "description": described[kind]} for kind in _faults.KINDS],
            "shapes": list(SHAPES),
        }

    def exchange(self, exchange: Exchange, base_url: str) -> dict[str, Any]:
        """One exchange in full."""
        request, reply = exchange.request, exchange.reply
        known = self._known_query(exchange)
        return {
            **self._summary(exchange),
            "request": {
                "headers": redacted.headers(request.headers, self._secrets),
                "body": redacted.body(request.body, self._secrets),
            },
            "response": {
                "headers": redacted.headers(reply.headers, self._secrets),
                "body": redacted.body(reply.body, self._secrets),
                "delivery": reply.delivery.value,
                "delay_seconds": reply.delay,
            },
            "curl": redacted.curl(request, base_url, known, self._secrets),
        }

    def _task(self, task: MockTask, now: float) -> dict[str, Any]:
        ledger = self._core.ledger
        return {
            "task_id": task.task_id,
            "external_task_id": self._text(task.external_task_id),
            "operation": task.operation,
            "status": ledger.status(task, now),
            "created_at": task.created_at,
            "name": self._text(task.body.get("voice_name") or task.body.get("prompt")),
            "is_deleted": ledger.is_deleted(task),
            "callback_url": redact_url(task.callback_url) if task.callback_url else None,
            "fault": task.fault.kind if task.fault else None,
        }

    def _summary(self, exchange: Exchange) -> dict[str, Any]:
        return {
            "number": exchange.number,
            "time": exchange.time,
            "operation": exchange.operation,
            "method": exchange.request.method,
            "target": redacted.target(exchange.request, self._known_query(exchange), self._secrets),
            "status": exchange.reply.status,
            "fault": exchange.fault.kind if exchange.fault else None,
        }

    def _delivery(self, delivery: Delivery) -> dict[str, Any]:
        task = delivery.callback.task
        return {
            "id": delivery.callback.id,
            "url": redact_url(delivery.callback.url),
            "status": task.get("task_status", task.get("status")),
            "is_forged": delivery.callback.is_forged,
            "outcome": delivery.outcome,
        }

    def _known_query(self, exchange: Exchange) -> frozenset[str]:
        operation = self._core.service.contract.operations.get(exchange.operation or "")
        declared = operation.parameters if operation else ()
        return frozenset(parameter.name for parameter in declared if parameter.place == "query")

    def _text(self, text: Any) -> str | None:
        return redact(text, self._secrets) if isinstance(text, str) else None

    @staticmethod
    def _newest(items: Iterable[Any]) -> Iterable[Any]:
        return islice(reversed(tuple(items)), SHOWN)
