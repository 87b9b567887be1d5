"""`kling-voices check`: what it prints where, and how it exits."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from kling_voices.cli._commands import app
from typer.testing import CliRunner

from tests.support.recordings import tone, write
from tests.support.terminals import run_on_terminal


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("good.wav"), tone(6, 48_000), rate=48_000)
    write(Path("short.mp3"), tone(2))


def _run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["check", "--no-speech", *arguments])


def test_a_good_file() -> None:
    """One line of tab-separated fields, and exit code 0."""
    done = _run("good.wav")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "good.wav\tok\t6.00\tpcm_s16le\t48000\t1\t-14.4\t-10.5\t0.00%\t0%\t-\t\n"


def test_several_files() -> None:
    """A line for each, also for files that cannot be read; exit code 2 if one has a problem."""
    done = _run("good.wav", "short.mp3", "missing.wav")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [(line[0], line[1], len(line)) for line in lines] == [
        ("good.wav", "ok", 12),
        ("short.mp3", "fail", 12),
        ("missing.wav", "fail", 12),
    ]
    assert lines[1][-1].startswith("it lasts 2.0")
    assert lines[2][-1] == "missing.wav cannot be read: No such file or directory"
    assert (done.exit_code, done.stderr) == (2, "")


def test_json() -> None:
    """One document: a list with all fields of each report."""
    done = _run("good.wav", "short.mp3", "--json")
    good, short = json.loads(done.stdout)
    assert done.exit_code == 2
    assert (good["file"], good["ok"], good["duration"], good["problems"]) == ("good.wav", True, 6.0, [])
    assert (short["ok"], len(short["problems"]), short["codec"], short["speech"]) == (False, 1, "mp3", None)


def test_with_speech() -> None:
    """By default the share of speech is measured."""
    done = CliRunner().invoke(app, ["check", "good.wav", "--json"])
    assert json.loads(done.stdout)[0]["speech"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_table_on_a_terminal() -> None:
    """A terminal of 80 columns shows a table, each finding on a line of its own, and progress."""
    main = (sys.executable, "-c", "from kling_voices.cli import main; main()")
    code, text = run_on_terminal([*main, "check", "--no-speech", "good.wav", "short.mp3"], COLUMNS="80", NO_COLOR="1")
    assert code == 2
    assert "Checking good.wav" in text
    table = [line.split() for line in text.splitlines()[-4:]]
    assert table[1][:3] == ["good.wav", "ok", "6.00"]
    assert table[2][:2] == ["short.mp3", "fail"]
    assert text.splitlines()[-1].startswith("short.mp3: it lasts 2.")


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_plot(suffix: str) -> None:
    """The picture exists, and the SVG contains the findings as text."""
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    done = _run("good.wav", "short.mp3", "missing.wav", "--plot", f"plot{suffix}")
    assert done.exit_code == 2
    content = Path(f"plot{suffix}").read_bytes()
    assert content.startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")
    assert len(content) > 10_000


@pytest.mark.parametrize(
    ("target", "count", "says"),
    [
        ("plot.txt", 1, "the plot plot.txt must end in one of .png, .svg, .pdf"),
        ("no-such-folder/plot.png", 1, "the plot no-such-folder/plot.png cannot be written: No such file"),
        ("plot.png", 51, "a plot can show 50 files, not 51"),
    ],
)
def test_a_plot_that_cannot_be_written(target: str, count: int, says: str) -> None:
    """One line on stderr, and exit code 2."""
    done = _run(*["good.wav"] * count, "--plot", target)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert says in done.stderr


def test_a_plot_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    done = _run("good.wav", "--plot", "plot.png")
    assert (done.exit_code, "pip install 'kling-voices[plot]'" in done.stderr) == (2, True)


def test_no_files() -> None:
    """At least one file is needed."""
    assert _run().exit_code == 2
