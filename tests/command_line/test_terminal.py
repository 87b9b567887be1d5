"""The command line as a process: terminals, encodings, help, completion, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from kling_voices import VoiceTask
from kling_voices.cli._commands import app
from kling_voices.cli._progress import show_progress
from typer.testing import CliRunner

from tests.support.terminals import run_on_terminal

from .running import PROGRAM, URL, VOICE, run, run_process


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_on_a_terminal_the_voice_id_is_the_last_line(gateway_url: str) -> None:
    """Every message comes before it."""
    code, shown = run_on_terminal([*PROGRAM, "create", "Ada", "--voice-url", URL, "--gateway", gateway_url, "--wait"])
    assert code == 0
    assert shown.splitlines()[-1] == VOICE
    assert "the voice Ada is ready" in shown


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_name_that_the_terminal_cannot_show(more: tuple[str, ...], gateway_url: str) -> None:
    """A name with characters outside the terminal's encoding does not fail after the create was charged."""
    arguments = ["create", "声音", "--wait", "--voice-url", URL, "--gateway", gateway_url, *more]
    done = run_process(*arguments, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, VOICE.encode() in done.stdout) == (0, True), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are Unicode on Windows")
@pytest.mark.parametrize("as_json", [False, True])
def test_an_argument_that_cannot_be_decoded(as_json: bool) -> None:
    """Bytes that are not valid in the terminal's encoding are reported before anything is sent."""
    done = run_process("create", b"Ad\xff", "--voice-url", URL, "--gateway", "mock", *["--json"] * as_json)
    assert done.returncode == 2
    assert b"argument 2, 'Ad\\udcff', contains bytes that are not valid in the terminal's encoding" in done.stderr
    assert b"Traceback" not in done.stderr
    assert bool(done.stdout) is as_json


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux file systems accept any bytes in names")
def test_a_file_name_that_cannot_be_decoded(tmp_path: Path) -> None:
    """The name of an existing file may be any bytes."""
    file = os.fsencode(tmp_path) + b"/body-\xff.json"
    Path(os.fsdecode(file)).write_text('{"voice_name": "Ada", "video_id": "1"}', encoding="utf-8")
    done = run_process("call", "create_custom_voice", "--gateway", "mock", b"--body=@" + file)
    assert done.returncode == 0, done.stderr


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that looks like markup is shown unchanged."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with show_progress("Creating the voice [/b]") as update:
        update(VoiceTask(status="[/x]"))
    assert "Traceback" not in capsys.readouterr().err


def test_help() -> None:
    """The help names the environment variables, the mock gateway and the exit codes; every command has help."""
    shown = " ".join(run("--help").stdout.split())
    for words in ("KKIAI_API_KEY", "--gateway mock", "Exit codes: 0 done"):
        assert words in shown
    for command in ("create", "get", "wait", "list", "presets", "delete", "recover", "call", "operations", "mock"):
        assert f" {command} " in shown
        assert run(command, "--help").exit_code == 0


def test_help_is_quick() -> None:
    """`--help` imports neither httpx nor rich, which take longer than everything else."""
    code = (
        "import sys\nfrom kling_voices.cli import main\nsys.argv = ['kling-voices', '--help']\n"
        "try: main()\nexcept SystemExit: pass\nprint([name for name in ('httpx', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_version() -> None:
    """`--version` prints the version of the package, without a command."""
    done = run("--version")
    assert (done.exit_code, done.stdout) == (0, f"kling-voices {version('kling-voices')}\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("kling-voices rec", "recover"),
        ("kling-voices get 1 --gateway k", "kkiai"),
        ("kling-voices call create_", "create_custom_voice"),
        ("kling-voices operations delete_", "delete_custom_voice"),
    ],
)
def test_completion(words: str, expected: str) -> None:
    """The shell completes commands, gateways and operations."""
    done = CliRunner().invoke(app, prog_name="kling-voices", env=_completion(words))
    assert expected in done.stdout.split()


def test_completion_in_a_shell() -> None:
    """A shell gets the same from the program."""
    done = run_process(**_completion("kling-voices rec"))
    assert done.stdout.decode().split() == ["recover"]


def _completion(words: str) -> dict[str, str]:
    """The environment variables that bash sets to complete words."""
    cursor = str(len(words.split()) - 1)
    shell = {"COMP_WORDS": words, "COMP_CWORD": cursor, "_TYPER_COMPLETE_ARGS": words}
    return {**shell, "_KLING_VOICES_COMPLETE": "complete_bash"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--show-completion` prints the script of a shell."""
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    done = run("--show-completion", shell)
    assert (done.exit_code, "_KLING_VOICES_COMPLETE" in done.stdout) == (0, True), done.stderr


def test_the_mock_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """`kling-voices mock` prints its address, serves a create, and ends on an interrupt without a traceback."""
    with subprocess.Popen(
        [*PROGRAM, "mock", "--port", "0", "--creation-seconds", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        base_url = server.stdout.readline().strip()
        monkeypatch.setenv("KLING_API_KEY", "mock-key")
        created = run("create", "Ada", "--voice-url", URL, "--gateway", base_url, "--wait")
        server.send_signal(signal.SIGINT)
        _, messages = server.communicate(timeout=10)
    assert (created.exit_code, created.stdout.strip()) == (0, VOICE)
    assert "Traceback" not in messages
    assert "POST /kling/v1/general/custom-voices 200" in messages


def test_an_address_that_is_not_available() -> None:
    """An address that the mock cannot listen on is reported on one line."""
    done = run("mock", "--host", "203.0.113.1", "--port", "80")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "cannot listen on 203.0.113.1 port 80" in done.stderr
