"""A real `kling-voices batch` process is killed at random moments and started again: no voice is created twice.

`--kills 50` kills as often, like `nox -s thorough`; the default is a short run.

The table of the kills is written to `build/bulk/kills.md`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import define, field
from kling_voices.mock import Fault, MockGateway

from tests.support.batches import rows
from tests.support.hypothesis_profiles import amount
from tests.support.repository import ROOT
from tests.support.servers import serve

CREATE, QUERY = "create_custom_voice", "get_custom_voice"
SEED = 13
VOICES_PER_KILL = 14
FAULTS = (
    Fault("no_answer", operation=CREATE, rate=0.02),
    Fault("reset_after", operation=CREATE, rate=0.1),
    Fault("reset_before", operation=CREATE, rate=0.03),
    Fault("shape_after", operation=CREATE, rate=0.05, shape="HTML 504"),
    Fault("shape_after", operation=CREATE, rate=0.05, shape="kling 500 5000"),
    Fault("late", operation=CREATE, rate=0.1, seconds=0.3),
    Fault("shape_before", operation=QUERY, rate=0.1, shape="HTML 502"),
    Fault("reset_before", operation=QUERY, rate=0.05),
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")


@define
class Killer:
    """Kills a process when the gateway responds to the n-th request, before the response is delivered."""

    process: subprocess.Popen[bytes] | None = None
    exchanges_left: int = 0
    creates: Counter[str] = field(factory=Counter)  # by external id: creates that may have been accepted
    has_killed: threading.Event = field(factory=threading.Event)

    def observe(self, exchange: object) -> None:
        """Called by the gateway after each exchange."""
        request, reply = exchange.request, exchange.reply  # type: ignore[attr-defined]
        if request.method == "POST" and not 400 <= reply.status < 500:
            self.creates[json.loads(request.body)["external_task_id"]] += 1
        self.exchanges_left -= 1
        if self.exchanges_left == 0:
            self.kill()

    def kill(self) -> None:
        """Kill the process, as a crash or a power failure would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
        self.has_killed.set()


@contextmanager
def _batch(base_url: str, folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = Path(sys.executable).with_name("kling-voices")
    arguments = [str(command), "batch", "voices.csv", "--ledger", "voices.sqlite", "--gateway", base_url, *options]
    environment = {**os.environ, "KLING_API_KEY": "mock-key"}
    with subprocess.Popen(
        arguments, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _finish(base_url: str, folder: Path, *options: str) -> int:
    """Run the batch to its end; returns the exit code."""
    with _batch(base_url, folder, "--parallel", "50", *options) as process:
        process.communicate(timeout=120)
        return process.returncode


def test_killed_at_random_moments(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """After all kills, the gateway has each voice once, and its tasks match the ledger row by row."""
    kills = pytestconfig.getoption("--kills") or amount(4, 50)
    count = VOICES_PER_KILL * kills
    lines = [f"Voice {number},https://example.com/{number}.mp3" for number in range(count)]
    (tmp_path / "voices.csv").write_text("\n".join(["voice_name,voice_url", *lines]), encoding="utf-8")
    chance = random.Random(SEED)
    gateway = MockGateway(creation_seconds=0.1, parallel_tasks=5, faults=FAULTS, seed=SEED)
    killer = Killer()
    gateway.on_exchange(killer.observe)
    table = ["| kill | moment | accepted by the gateway | ledger at that moment |", "|---|---|---|---|"]
    with serve(gateway) as base_url:
        for kill in range(1, kills + 1):
            killer.has_killed.clear()
            by_time = chance.random() < 0.5
            seconds, exchanges = chance.uniform(0.3, 1.5), chance.randint(1, 60)
            with _batch(base_url, tmp_path) as process:
                killer.process, killer.exchanges_left = process, 0 if by_time else exchanges
                killer.has_killed.wait(seconds if by_time else 10)
                killer.kill()
                process.wait()
                killer.process = None
            moment = f"after {seconds:.2f} s" if by_time else f"in request {exchanges}"
            ledger = tmp_path / "voices.sqlite"
            states = Counter(row["state"] for row in rows(ledger)) if ledger.exists() else {}
            shown = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
            table.append(f"| {kill} | {moment} | {len(gateway.tasks)} | {shown or 'none'} |")
        assert len(gateway.tasks) < count, "the batch ended before the last kill; use more voices"
        gateway.behave()
        killer.exchanges_left = 0
        code = _finish(base_url, tmp_path)
        unknown = [row for row in rows(tmp_path / "voices.sqlite") if row["state"] == "unknown"]
        assert code == (4 if unknown else 0)
        twice = [external_task_id for external_task_id, number in killer.creates.items() if number > 1]
        assert twice == []
        assert _finish(base_url, tmp_path, "--resend-unknown") == 0
    expected = {task.external_task_id: (task.task_id, task.voice_id, "succeeded") for task in gateway.tasks}
    assert len(expected) == len(gateway.tasks) == count
    found = {
        row["external_task_id"]: (row["task_id"], row["voice_id"], row["state"])
        for row in rows(tmp_path / "voices.sqlite")
    }
    assert found == expected
    table.append("")
    table.append(
        f"{kills} kills, {count} voices, {len(gateway.tasks)} charges. {len(unknown)} creates were killed or lost "
        "before they were accepted. They were looked up, and sent again only with --resend-unknown."
    )
    report = ROOT / "build" / "bulk" / "kills.md"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("\n".join(table) + "\n", encoding="utf-8")
