"""The latest exchanges of a mock gateway: requests with their replies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from attrs import define, field, frozen

from ._faults import Fault
from ._messages import Reply, Request

KEPT = 200  # exchanges
_KEPT_BYTES = 64 * 1024  # of each body


@frozen
class Exchange:
    """A request and its reply.

    Attributes:
        number: Counts from 1.
        time: Seconds since 1970.
        operation: The operationId, None if the contract has no such operation.
        request: The request; a long body is cut.
        reply: The reply; a long body is cut. It is what the client sees, unless its delivery fails.
        fault: The fault that happened, or None.
    """

    number: int
    time: float
    operation: str | None
    request: Request
    reply: Reply
    fault: Fault | None


@define
class Exchanges:
    """The latest exchanges, in order.

    Attributes:
        count: How many there were in total.
    """

    count: int = 0
    _kept: deque[Exchange] = field(factory=lambda: deque(maxlen=KEPT))

    def add(self, time: float, operation: str | None, request: Request, reply: Reply, fault: Fault | None) -> Exchange:
        """Remember the exchange whose number is `count`, and return it."""
        if len(request.body) > _KEPT_BYTES:
            request = request._replace(body=request.body[:_KEPT_BYTES])
        if len(reply.body) > _KEPT_BYTES:
            reply = reply._replace(body=reply.body[:_KEPT_BYTES])
        exchange = Exchange(self.count, time, operation, request, reply, fault)
        self._kept.append(exchange)
        return exchange

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._kept))

    def find(self, number: int) -> Exchange | None:
        """The exchange of that number, None if it is not stored."""
        return next((exchange for exchange in self if exchange.number == number), None)
