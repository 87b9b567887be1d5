"""The command line: what it prints where, and how it exits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kling_voices import VoiceTask, errors
from kling_voices.cli._commands import app
from kling_voices.cli._ending import exit_code
from kling_voices.mock import MockGateway, VirtualClock
from typer.testing import CliRunner

URL = "https://example.com/ada.mp3"
VOICE = "840000000000000001"


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give client and embedded mock one clock that needs no sleeping."""
    clock = VirtualClock()
    for module in ("kling_voices._sync_client", "kling_voices.mock._gateway"):
        monkeypatch.setattr(f"{module}.SystemClock", lambda: clock)


def _run(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments)


def test_create_and_wait_prints_the_voice_id() -> None:
    """On stdout the id alone; the rest is for stderr, and no progress line where it is no terminal."""
    done = _run("create", "Ada", "--voice-url", URL, "--gateway", "mock", "--wait")
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"{VOICE}\n", "kling-voices: the voice Ada is ready\n")


def test_on_a_terminal_the_voice_id_is_the_last_line() -> None:
    """Whatever a person is told comes before it."""
    leader, follower = os.openpty()
    code = "from kling_voices.cli import main; main()"
    command = [sys.executable, "-c", code, "create", "Ada", "--voice-url", URL, "--gateway", "mock", "--wait"]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, check=True)
    os.close(follower)
    shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert shown.splitlines()[-1] == VOICE
    assert "the voice Ada is ready" in shown


def test_create_prints_the_task_id() -> None:
    """Without --wait the id to ask again by."""
    done = _run("create", "Ada", "--voice-url", URL, "--gateway", "mock")
    assert (done.exit_code, done.stdout) == (0, "830000000000000001\n")


def test_json_is_one_document() -> None:
    """With --json stdout is one document, and the signature of a URL is not in it."""
    done = _run("create", "Ada", "--voice-url", f"{URL}?sig=secret", "--gateway", "mock", "--wait", "--json")
    document = json.loads(done.stdout)
    assert document["voices"][0]["voice_id"] == VOICE
    assert document["created_at"].endswith("+00:00")
    assert "secret" not in done.output


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["create", "A" * 21, "--voice-url", URL, "--gateway", "mock"], 2, "voice_name has 21 characters"),
        (["create", "Ada", "--gateway", "mock"], 2, "neither voice_url nor video_id"),
        (["create", "Ada", "--voice-url", URL], 2, "there is no API key"),
        (["create", "Ada", "--voice-url", URL, "--gateway", "nowhere"], 2, "gateway 'nowhere' is not known"),
        (["create", "Ada", "--voice-url", URL, "--api-key-file", "/no/such/file"], 2, "cannot be read: No such file"),
        (
            ["create", "Ada", "--voice-url", "https://x.example/silence.mp3", "--gateway", "mock", "--wait"],
            6,
            "no voice",
        ),
        (["create", "Ada", "--voice-url", URL, "--gateway", "mock", "--wait", "--timeout", "0"], 7, "had not ended"),
        (["get", "nobody", "--gateway", "mock"], 3, "task not found: nobody"),
        (["wait", "nobody", "--gateway", "mock"], 3, "task not found: nobody"),
        (["recover", "nobody", "--gateway", "mock"], 4, "does not prove that nothing was created"),
        (["delete", "1", "--gateway", "mock"], 3, "voice not found: 1"),
        (["delete", "820000000000000001", "--gateway", "mock"], 3, "a preset cannot be deleted"),
        (["list", "--page-size", "0", "--gateway", "mock"], 2, "page_size is 0; give a whole number from 1 to 1000"),
        (["presets", "--page-size", "1001", "--gateway", "mock"], 2, "page_size is 1001"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_failures_are_a_line_and_a_code(arguments: list[str], code: int, says: str, as_json: bool) -> None:
    """Each ends in one line on stderr and its exit code; with --json in one document on stdout, too."""
    done = _run(*arguments, *(["--json"] if as_json else []))
    assert (done.exit_code, done.stderr.count("\n")) == (code, 1)
    assert says in done.stderr
    if as_json:
        assert says in json.loads(done.stdout)["error"]["message"]
    else:
        assert done.stdout == ""


def test_the_whole_life_of_a_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Create, list, recover and delete, each from the shell, against one gateway."""
    gateway = MockGateway(clock=VirtualClock(), creation_seconds=0)
    monkeypatch.setattr("kling_voices.mock.MockGateway", lambda: gateway)
    on_mock = ("--gateway", "mock")
    assert _run("create", "Ada", "--voice-url", URL, "--external-task-id", "order-1", *on_mock).exit_code == 0
    assert _run("list", *on_mock).stdout == f"830000000000000001\tsucceed\t{VOICE}\n"
    assert json.loads(_run("list", "--json", *on_mock).stdout)[0]["external_task_id"] == "order-1"
    assert _run("recover", "order-1", *on_mock).stdout == f"{VOICE}\n"
    assert _run("delete", VOICE, *on_mock).exit_code == 0
    assert json.loads(_run("get", "order-1", "--json", *on_mock).stdout)["voices"] == []


def test_presets_are_listed() -> None:
    """As many as asked for, over as many pages as needed."""
    lines = _run("presets", "--gateway", "mock", "--page-size", "10", "--limit", "25").stdout.splitlines()
    assert [line.split("\t")[1] for line in lines] == [f"Preset {number}" for number in range(1, 26)]
    assert len(json.loads(_run("presets", "--gateway", "mock", "--json").stdout)) == 45


def test_a_wrong_key_in_a_file(tmp_path: Path) -> None:
    """The key is read from the file; a refused one is said in a line that does not show it."""
    file = tmp_path / "key"
    file.write_text("sk-wrong\n", encoding="utf-8")
    done = _run("create", "Ada", "--voice-url", URL, "--gateway", "mock", "--api-key-file", str(file))
    assert (done.exit_code, done.stderr.count("\n")) == (3, 1)
    assert "Check the key" in done.stderr
    assert "sk-wrong" not in done.output


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that cannot be reached is said in a line: exit code 5."""
    monkeypatch.setenv("KLING_API_KEY", "k")
    done = _run("create", "Ada", "--voice-url", URL, "--gateway", "http://127.0.0.1:9")
    assert (done.exit_code, done.stderr.count("\n")) == (5, 1)
    assert "could not be reached" in done.stderr


def test_an_interrupt_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130, and says by which id a create can be recovered."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kling_voices._protocol.responses._decoder.decode", interrupt)
    done = _run("create", "Ada", "--voice-url", URL, "--gateway", "mock", "--external-task-id", "order-1")
    assert done.exit_code == 130
    assert "recover('order-1')" in done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInputError("x"), 2),
        (errors.BadRequestError("x", status_code=400), 3),
        (errors.QuotaExceededError("x", status_code=429), 3),
        (errors.OutcomeUnknownError("x"), 4),
        (errors.ServerError("x", status_code=502), 5),
        (errors.ServerError("x", status_code=200, code=5000), 5),
        (errors.UnexpectedResponseError("x", status_code=200), 5),
        (errors.ConnectionFailedError("x", request_sent=False), 5),
        (errors.VoiceCreationFailedError("x", task=VoiceTask()), 6),
        (errors.WaitTimeoutError("x", task=VoiceTask()), 7),
    ],
)
def test_exit_codes(error: errors.KlingVoicesError, code: int) -> None:
    """Each class has the documented code."""
    assert exit_code(error) == code


@pytest.mark.parametrize("timeout", ["nan", "-1", "inf"])
def test_a_wait_without_an_end_charges_nothing(monkeypatch: pytest.MonkeyPatch, timeout: str) -> None:
    """A timeout that is none is invalid input, said before the create is sent."""
    gateway = MockGateway(clock=VirtualClock())
    monkeypatch.setattr("kling_voices.mock.MockGateway", lambda: gateway)
    done = _run("create", "Ada", "--voice-url", URL, "--gateway", "mock", "--wait", f"--timeout={timeout}")
    assert (done.exit_code, gateway.tasks) == (2, ())


def test_a_success_without_a_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a voice and gets none is told so: exit code 5, and no other id on stdout."""
    gateway = MockGateway(clock=VirtualClock(), creation_seconds=0)
    monkeypatch.setattr("kling_voices.mock.MockGateway", lambda: gateway)
    assert _run("create", "Ada", "--voice-url", URL, "--gateway", "mock").exit_code == 0
    assert _run("delete", VOICE, "--gateway", "mock").exit_code == 0
    done = _run("wait", "830000000000000001", "--gateway", "mock")
    assert (done.exit_code, done.stdout) == (5, "")
    assert "names no voice" in done.stderr


def test_any_name_on_any_terminal() -> None:
    """A name that the terminal's encoding does not have is no reason to fail after a create was charged."""
    command = [sys.executable, "-c", "from kling_voices.cli import main; main()", "create", "声音", "--wait"]
    for more in ([], ["--json"]):
        done = subprocess.run(
            [*command, "--voice-url", URL, "--gateway", "mock", *more],
            env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, VOICE.encode() in done.stdout) == (0, True), done.stderr


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that looks like markup is shown as it is."""
    from kling_voices.cli._showing import progress

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress("Making the voice [/b]") as update:
        update(VoiceTask(status="[/x]"))
    assert "Traceback" not in capsys.readouterr().err


def test_help_teaches() -> None:
    """Help names the variables, the way to try it without a key, and the exit codes."""
    shown = " ".join(_run("--help").stdout.split())
    for words in ("KKIAI_API_KEY", "--gateway mock", "Exit codes: 0 done"):
        assert words in shown
    for command in ("create", "get", "wait", "list", "presets", "delete", "recover", "mock"):
        assert command in shown
        assert _run(command, "--help").exit_code == 0


def test_the_mock_is_served() -> None:
    """`kling-voices mock` prints its address, serves a create, and ends on an interrupt without a traceback."""
    command = [sys.executable, "-c", "from kling_voices.cli import main; main()", "mock", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        base_url = server.stdout.readline().strip()
        created = subprocess.run(
            [*command[:3], "create", "Ada", "--voice-url", URL, "--gateway", base_url, "--wait"],
            env={**os.environ, "KLING_API_KEY": "mock-key"},
            capture_output=True,
            text=True,
            check=False,
        )
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=10)
    assert (created.returncode, created.stdout) == (0, f"{VOICE}\n")
    assert "Traceback" not in said
    assert "POST /kling/v1/general/custom-voices 200" in said


def test_an_address_that_is_taken() -> None:
    """A port that cannot be had is said in a line."""
    done = _run("mock", "--host", "203.0.113.1", "--port", "80")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "cannot listen on 203.0.113.1 port 80" in done.stderr


def test_call_and_operations(tmp_path: Path) -> None:
    """Any operation can be called with a body from text, file or stdin and typed arguments; all are listed."""
    body = json.dumps({"voice_name": "Ada", "voice_url": URL})
    (tmp_path / "body.json").write_text(body, encoding="utf-8")
    for given, stdin in ((body, None), (f"@{tmp_path / 'body.json'}", None), ("@-", body)):
        command = ["call", "create_custom_voice", "--body", given, "--gateway", "mock"]
        done = CliRunner().invoke(app, command, input=stdin)
        assert (done.exit_code, json.loads(done.stdout)["task_id"]) == (0, "830000000000000001")
    done = _run("call", "list_preset_voices", "--argument", "page-size=3", "--gateway", "mock")
    assert len(json.loads(done.stdout)) == 3
    listed = _run("operations").stdout.splitlines()
    assert "get_custom_voice\tGET\t/kling/v1/general/custom-voices/{id}\tid" in listed
    assert [each["name"] for each in json.loads(_run("operations", "--json").stdout)] == [
        line.partition("\t")[0] for line in listed
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "there is no operation 'nothing'"),
        (["list_preset_voices", "--argument", "page_size=many"], "is of type int, and 'many' is not"),
        (["list_preset_voices", "--argument", "page_size"], "--argument 'page_size' is not of the form NAME=VALUE"),
        (["list_preset_voices", "--argument", "colour=red"], "has no argument 'colour'; it takes page_num, page_size"),
        (["delete_custom_voice", "--body", "{"], "the body is not JSON"),
        (["delete_custom_voice", "--body", "@/nowhere/at/all"], "the file /nowhere/at/all cannot be read"),
        (["delete_custom_voice", "--body", "5", "--file", "a=b"], "--file adds a field to a body"),
        (["delete_custom_voice"], "delete_custom_voice needs the argument 'body'"),
    ],
)
def test_calls_that_cannot_be_made(arguments: list[str], says: str) -> None:
    """What is wrong with a call is said in one line, nothing is sent, and the exit code is 2."""
    done = _run("call", *arguments, "--gateway", "mock", "--json")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert says in done.stderr
    assert says in json.loads(done.stdout)["error"]["message"]
