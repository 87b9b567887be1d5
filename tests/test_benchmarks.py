"""The benchmarks measure what they say, and tell what they measured."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import types
from pathlib import Path

import httpx
import pytest

from benchmarks import one_call, profiling, servers, table
from benchmarks.__main__ import EXCEEDED, SUBJECTS, main
from benchmarks.growth import Point
from benchmarks.measure import Comparison, Skipped, in_turns
from tests.support.repository import ROOT


def _comparison(*ours: float, at_most: float | None = 1.25) -> Comparison:
    return Comparison("a", "b", at_most, ours, (1.0, 2.0, 9.0), per=2)


def test_the_ratio_is_that_of_the_medians() -> None:
    """One round that something else has slowed does not count."""
    assert _comparison(1.0, 2.4, 50.0).ratio == pytest.approx(1.2)


@pytest.mark.parametrize(("ours", "at_most", "holds"), [(2.5, 1.25, True), (2.6, 1.25, False), (99.0, None, True)])
def test_a_bound(ours: float, at_most: float | None, holds: bool) -> None:
    """A ratio holds up to its bound; without one it is only told."""
    assert _comparison(ours, at_most=at_most).holds is holds


def test_turns() -> None:
    """Both are measured in turns, and the first of each is thrown away."""
    order: list[str] = []

    def side(name: str, *times: float) -> object:
        left = iter(times)

        def run() -> float:
            order.append(name)
            return next(left)

        return run

    made = in_turns("a", "b", None, side("a", 9, 1, 2), side("b", 9, 3, 4), rounds=2)  # type: ignore[arg-type]
    assert (made.ours, made.theirs, order) == ((1, 2), (3, 4), ["a", "b"] * 3)


def test_the_table() -> None:
    """Medians for one call with their spread, what is exceeded, and what was skipped and why."""
    first, second = list(table.markdown([_comparison(2.6), Skipped("c", "d", "no d is installed")]))[2:]
    assert first == "| a | b | 1300 ms ± 0 % | 1000 ms ± 200 % | 1.30 | 1.25 **exceeded** |"
    assert "skipped: no d is installed" in second


def test_two_runs_beside_each_other() -> None:
    """What both have is compared; what one lacks is left out."""
    now = table.as_json([_comparison(2.6), Skipped("c", "d", "")], [], [Point(10, 1.0, 1024)])
    then = table.as_json([_comparison(2.0)], [], [])
    assert list(table.beside(now, then))[2:] == ["| a | b | 1.30 | 1.00 | +30 % |"]


def test_a_run(tmp_path: Path) -> None:
    """A short one beside another: the table is printed, the JSON written, and a peer that is missing is named."""
    other = {"what": "one create_voice, sync, loopback", "against": "bare httpx on loopback", "ratio": 1.0}
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps({"comparisons": [other]}), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks", "--only", "one_call", "--rounds", "1"]
    done = subprocess.run(
        [*command, "--json", str(second), "--compare", str(first)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, EXCEEDED}, done.stderr
    assert "bare httpx on loopback" in done.stdout
    assert "ratio there" in done.stdout
    measured = json.loads(second.read_text(encoding="utf-8"))["comparisons"]
    assert [each["against"] for each in measured][::2] == ["bare httpx.Client.post(…).json()", "bare httpx on loopback"]
    peer = measured[1]
    assert "ratio" in peer or peer["reason"] == "openai is not installed"


def test_a_missing_peer_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison with a package that is not installed is skipped with its reason, and nothing is measured."""
    monkeypatch.setitem(sys.modules, "openai", None)
    skipped = [each for each in one_call.compare(1) if isinstance(each, Skipped)]
    assert [each.reason for each in skipped] == ["openai is not installed"]


def test_the_profile_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts and what they cost each other are the whole; the floor is told, too."""
    monkeypatch.setattr(profiling, "_TIMES", 2)
    monkeypatch.setattr(profiling, "_ROUNDS", 3)
    shares = dict(profiling.measure())
    whole = list(shares).index("the whole on a mock transport")
    assert sum(list(shares.values())[:whole]) == pytest.approx(shares["the whole on a mock transport"])
    assert shares["a raw socket on loopback: the floor"] > 0


def test_the_memory_is_that_of_the_process_itself() -> None:
    """What the process held that started it does not count, and what it takes itself does."""
    large = bytearray(200 * 2**20)  # of this process, which starts the others
    large[::4096] = b"x" * len(large[::4096])
    code = (
        "import sys; from benchmarks.growth import held_at_most; taken = b'x' * int(sys.argv[1]); print(held_at_most())"
    )
    small, taking = (
        int(subprocess.run([sys.executable, "-c", code, str(more)], cwd=ROOT, capture_output=True, check=True).stdout)
        for more in (0, 100 * 2**20)
    )
    assert small < 150 * 1024
    assert 90 * 1024 < taking - small < 110 * 1024
    assert len(large) == 200 * 2**20


@pytest.mark.parametrize(("took", "code"), [(2.5, 0), (2.6, EXCEEDED)])
def test_an_exceeded_bound_has_an_exit_code(
    took: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of its own, for a crash ends with 1."""
    monkeypatch.setitem(SUBJECTS, "startup", lambda _: iter([_comparison(took)]))
    assert main(["--only", "startup", "--json", str(tmp_path / "run.json")]) == code
    assert EXCEEDED not in {0, 1}


def test_a_server_that_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot start is said to be, at once; one that listens is there for as long as the context is open."""
    naps = iter(range(100))

    def sleep(seconds: float) -> None:
        assert next(naps, None) is not None, "it is still waited for"
        threading.Event().wait(seconds)

    monkeypatch.setattr(servers, "time", types.SimpleNamespace(sleep=sleep, monotonic=lambda: 0.0))
    port = servers.free_port()
    ended = servers.started(sys.executable, "-c", "raise SystemExit", port=port)
    with pytest.raises(RuntimeError, match=f"does not listen on port {port}"):
        ended.__enter__()
    with servers.started(sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port), port=port):
        assert httpx.get(f"http://127.0.0.1:{port}").status_code == 200
