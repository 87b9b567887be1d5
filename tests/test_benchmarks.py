"""The benchmarks: how they measure, and what they report."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import types
from pathlib import Path

import httpx
import pytest

from benchmarks import one_call, processes, table
from benchmarks.__main__ import BENCHMARKS, EXCEEDED, main
from benchmarks.growth import Point
from benchmarks.measure import Comparison, Skipped, compare_alternately
from tests.support.repository import ROOT


def _comparison(*ours: float, bound: float | None = 1.25) -> Comparison:
    return Comparison("a", "b", bound, ours, (1.0, 2.0, 9.0), calls=2)


def test_ratio_of_medians() -> None:
    """A single slow round does not change the ratio."""
    assert _comparison(1.0, 2.4, 50.0).ratio == pytest.approx(1.2)


@pytest.mark.parametrize(("ours", "bound", "expected"), [(2.5, 1.25, True), (2.6, 1.25, False), (99.0, None, True)])
def test_bound(ours: float, bound: float | None, expected: bool) -> None:
    """A ratio equal to its bound is within it; without a bound, every ratio is."""
    assert _comparison(ours, bound=bound).is_within_bound is expected


def test_both_sides_are_measured_alternately() -> None:
    """The sides take turns, and the first round of each is discarded."""
    order: list[str] = []

    def side(name: str, *times: float) -> object:
        remaining = iter(times)

        def run() -> float:
            order.append(name)
            return next(remaining)

        return run

    result = compare_alternately("a", "b", None, side("a", 9, 1, 2), side("b", 9, 3, 4), rounds=2)  # type: ignore[arg-type]
    assert (result.ours, result.theirs, order) == ((1, 2), (3, 4), ["a", "b"] * 3)


def test_the_table() -> None:
    """The table shows medians per call with their spread, exceeded bounds, and the reason of each skip."""
    first, second = list(table.markdown([_comparison(2.6), Skipped("c", "d", "no d is installed")]))[2:]
    assert first == "| a | b | 1300 ms ± 0 % | 1000 ms ± 200 % | 1.30 | 1.25 **exceeded** |"
    assert "skipped: no d is installed" in second


def test_comparing_two_runs() -> None:
    """Only comparisons that both runs have are shown."""
    new = table.as_json([_comparison(2.6), Skipped("c", "d", "")], [Point(10, 1.0, 1024)])
    old = table.as_json([_comparison(2.0)], [])
    assert list(table.compare_runs(new, old))[2:] == ["| a | b | 1.30 | 1.00 | +30 % |"]


def test_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A short run with --compare prints both tables, writes the JSON, and names a package that is missing."""
    other = {"what": "one create_voice, sync, loopback", "against": "bare httpx on loopback", "ratio": 1.0}
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps({"comparisons": [other]}), encoding="utf-8")
    monkeypatch.setattr(one_call, "_CALLS", 2)
    monkeypatch.setattr(gc, "collect", lambda: 0)  # among the objects of all tests it takes longer than the calls
    code = main(["--only", "one_call", "--rounds", "1", "--json", str(second), "--compare", str(first)])
    assert code in {0, EXCEEDED}
    printed = capsys.readouterr().out
    assert "bare httpx on loopback" in printed
    assert "other run" in printed
    measured = json.loads(second.read_text(encoding="utf-8"))["comparisons"]
    assert [each["against"] for each in measured][::2] == ["bare httpx.Client.post(…).json()", "bare httpx on loopback"]
    peer = measured[1]
    assert "ratio" in peer or peer["reason"] == "openai is not installed"


def test_a_missing_peer_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison with a package that is not installed is skipped with its reason, and nothing is measured."""
    monkeypatch.setitem(sys.modules, "openai", None)
    measured: list[str] = []
    monkeypatch.setattr(one_call, "compare_alternately", lambda _what, against, *_, **__: measured.append(against))
    skipped = [each for each in one_call.compare(1) if isinstance(each, Skipped)]
    assert [each.reason for each in skipped] == ["openai is not installed"]
    assert measured == ["bare httpx.Client.post(…).json()", "bare httpx on loopback"]


def test_peak_memory_of_the_process_itself() -> None:
    """Memory of the parent process does not count; memory of the process itself does."""
    large = bytearray(200 * 2**20)  # in the parent process
    large[::4096] = b"x" * len(large[::4096])
    code = "import sys; from benchmarks.growth import peak_memory; data = b'x' * int(sys.argv[1]); print(peak_memory())"
    small, large_child = (
        int(subprocess.run([sys.executable, "-c", code, str(size)], cwd=ROOT, capture_output=True, check=True).stdout)
        for size in (0, 100 * 2**20)
    )
    assert small < 150 * 1024
    assert 90 * 1024 < large_child - small < 110 * 1024
    assert len(large) == 200 * 2**20


@pytest.mark.parametrize(("ours", "code"), [(2.5, 0), (2.6, EXCEEDED)])
def test_an_exceeded_bound_has_an_exit_code(
    ours: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exceeded bound has its own exit code, different from that of a crash."""
    monkeypatch.setitem(BENCHMARKS, "startup", lambda _: iter([_comparison(ours)]))
    assert main(["--only", "startup", "--json", str(tmp_path / "run.json")]) == code
    assert EXCEEDED not in {0, 1}


def test_a_server_that_exits_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that exits at once raises an error; a server that listens runs while the context is open."""
    sleeps = iter(range(100))

    def sleep(seconds: float) -> None:
        assert next(sleeps, None) is not None, "still waiting for the server"
        threading.Event().wait(seconds)

    monkeypatch.setattr(processes, "time", types.SimpleNamespace(sleep=sleep, monotonic=lambda: 0.0))
    port = processes.free_port()
    exited = processes.running_server(sys.executable, "-c", "raise SystemExit", port=port)
    with pytest.raises(RuntimeError, match=f"does not listen on port {port}"):
        exited.__enter__()
    with processes.running_server(sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port), port=port):
        assert httpx.get(f"http://127.0.0.1:{port}").status_code == 200
