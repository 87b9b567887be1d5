"""Ten thousand creates on a gateway that fails one in five in every ambiguous way: each charge is accounted for."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
from kling_voices import AsyncKlingVoices, KlingVoices, KlingVoicesError, VoiceTask
from kling_voices.mock import Fault, MockGateway, VirtualClock
from kling_voices.mock._faults import Kind

CREATES = 5_000  # by each client
URL = "https://example.com/ada.mp3"
CREATE, QUERY = "create_custom_voice", "get_custom_voice"

# One in five creates fails, each way as often as the others; and queries fail, too, so that some tasks stay hidden.
_WAYS: tuple[Kind, ...] = (
    "reset_before",
    "reset_after",
    "reset_within",
    "cut_short",
    "false_length",
    "no_answer",
    "shape_before",
    "shape_after",
)
_SHARE = 0.2 / len(_WAYS)
FAULTS = [
    *(Fault(way, operation=CREATE, rate=_SHARE / (1 - number * _SHARE)) for number, way in enumerate(_WAYS)),
    Fault("refuse", operation=CREATE, rate=0.05),
    Fault("shape_before", operation=CREATE, rate=0.05, shape="kling 429 1302"),
    Fault("shape_before", operation=CREATE, rate=0.01, shape="kling 429 1102"),
    Fault("shape_before", operation=QUERY, rate=0.4, shape="HTML 502"),
]


class Account:
    """What the callers know of their creates."""

    def __init__(self) -> None:
        self.returned: list[VoiceTask] = []
        self.failed: list[KlingVoicesError] = []

    def settle(self, gateway: MockGateway) -> Counter[str]:
        """Hold what the callers know to the gateway's ledger; gives the counts."""
        ledger = {task.external_task_id for task in gateway.tasks}
        returned = {task.external_task_id for task in self.returned}
        unknown = {error.external_task_id for error in self.failed if error.outcome == "unknown"}
        refused = {error.external_task_id for error in self.failed if error.outcome == "not_created"}
        assert len(self.returned) + len(self.failed) == CREATES == len(returned) + len(unknown) + len(refused)
        assert len(ledger) == len(gateway.tasks), "a voice was charged twice under one id"
        assert returned <= ledger, "a task was returned that does not exist"
        assert not refused & ledger, "a charge was called not_created"
        assert ledger <= returned | unknown, "a charge is not accounted for"
        return Counter(
            returned=len(returned),
            unknown=len(unknown),
            charged_unknown=len(unknown & ledger),
            not_created=len(refused),
        )


def _balanced(counts: Counter[str]) -> None:
    """The run met every case in number."""
    assert counts["returned"] > 0.9 * CREATES
    assert min(counts["unknown"], counts["charged_unknown"], counts["not_created"]) > 5, counts


def test_creates_of_the_blocking_client() -> None:
    """Voices charged are voices returned, plus those that an error names as unknown; none is charged twice."""
    clock, account = VirtualClock(), Account()
    gateway = MockGateway(clock=clock, faults=FAULTS, seed=1)
    with httpx.Client(transport=httpx.MockTransport(gateway.handle)) as http:
        client = KlingVoices("mock-key", gateway="mock", http_client=http, clock=clock)
        for _ in range(CREATES):
            try:
                account.returned.append(client.create_voice("Ada", voice_url=URL))
            except KlingVoicesError as error:
                account.failed.append(error)
    _balanced(account.settle(gateway))


def test_creates_of_the_asynchronous_client() -> None:
    """The same, fifty at a time."""
    clock, account = VirtualClock(), Account()
    gateway = MockGateway(clock=clock, faults=FAULTS, seed=2)

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(gateway.handle)) as http:
            client = AsyncKlingVoices("mock-key", gateway="mock", http_client=http, clock=clock)

            async def worker() -> None:
                for _ in range(CREATES // 50):
                    try:
                        account.returned.append(await client.create_voice("Ada", voice_url=URL))
                    except KlingVoicesError as error:
                        account.failed.append(error)

            await asyncio.gather(*(worker() for _ in range(50)))

    asyncio.run(run())
    _balanced(account.settle(gateway))
