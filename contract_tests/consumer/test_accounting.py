"""Many creates on a gateway that fails one in five of them in every ambiguous way: every charge is accounted for."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
from kling_voices import AsyncKlingVoices, KlingVoices, KlingVoicesError, VoiceTask
from kling_voices.mock import MockGateway, VirtualClock

from contract_tests.harness.hostile import hostile_faults

CREATES = 5_000  # by each client
URL = "https://example.com/ada.mp3"
FAULTS = hostile_faults("create_custom_voice", "get_custom_voice")


class Account:
    """The results of all creates, as their callers know them."""

    def __init__(self) -> None:
        self.returned: list[VoiceTask] = []
        self.failed: list[KlingVoicesError] = []

    def compare(self, gateway: MockGateway) -> Counter[str]:
        """Compare the results with the ledger of the gateway; returns the number of each outcome."""
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


def _check_counts(counts: Counter[str]) -> None:
    """Every outcome occurred often enough."""
    assert counts["returned"] > 0.9 * CREATES
    assert min(counts["unknown"], counts["charged_unknown"], counts["not_created"]) > 5, counts


def test_sync_creates() -> None:
    """The charged voices are those that were returned, and some with an unknown outcome; none is charged twice."""
    clock, account = VirtualClock(), Account()
    gateway = MockGateway(clock=clock, faults=FAULTS, seed=1)
    with httpx.Client(transport=httpx.MockTransport(gateway.handle)) as http:
        client = KlingVoices("mock-key", gateway="mock", http_client=http, clock=clock)
        for _ in range(CREATES):
            try:
                account.returned.append(client.create_voice("Ada", voice_url=URL))
            except KlingVoicesError as error:
                account.failed.append(error)
    _check_counts(account.compare(gateway))


def test_async_creates() -> None:
    """The same with fifty concurrent creates."""
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
    _check_counts(account.compare(gateway))
