"""How commands fail: exit codes, messages and JSON, and advice that works when it is followed literally."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest
from kling_voices import VoiceTask, errors
from kling_voices.cli._errors import exit_code
from kling_voices.mock import Fault, MockGateway, VirtualClock

from .running import TASK, URL, VOICE, advised_commands, run, use_gateway


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["create", "A" * 21, "--voice-url", URL, "--gateway", "mock"], 2, "voice_name has 21 characters"),
        (["create", "Ada", "--gateway", "mock"], 2, "neither voice_url nor video_id"),
        (["create", "Ada", "--voice-url", "ada.wav", "--gateway", "mock"], 2, "--voice-url ada.wav is a local file"),
        (["create", "Ada", "--voice-url", URL], 2, "there is no API key"),
        (["create", "Ada", "--voice-url", URL, "--gateway", "nowhere"], 2, "the gateway 'nowhere' is unknown"),
        (["create", "Ada", "--voice-url", URL, "--api-key-file", "/no/such/file"], 2, "cannot be read: No such file"),
        (
            ["create", "Ada", "--voice-url", "https://x.example/silence.mp3", "--gateway", "mock", "--wait"],
            6,
            "The voice could not be created: ",
        ),
        (
            ["create", "Ada", "--voice-url", URL, "--gateway", "mock", "--wait", "--timeout", "0"],
            7,
            f"The task {TASK} is still 'submitted' after 0 s. Continue with: kling-voices wait --gateway mock {TASK}",
        ),
        (["get", "nobody", "--gateway", "mock"], 3, "task not found: nobody"),
        (["wait", "nobody", "--gateway", "mock"], 3, "task not found: nobody"),
        (["recover", "nobody", "--gateway", "mock"], 4, "does not prove that nothing was created"),
        (["delete", "1", "--gateway", "mock"], 3, "voice not found: 1"),
        (["delete", "820000000000000001", "--gateway", "mock"], 3, "a preset cannot be deleted"),
        (["list", "--page-size", "0", "--gateway", "mock"], 2, "page_size is 0; pass a whole number from 1 to 1000"),
        (["presets", "--page-size", "1001", "--gateway", "mock"], 2, "page_size is 1001"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_failures(arguments: list[str], code: int, says: str, as_json: bool) -> None:
    """A failure prints one line on stderr and ends with its exit code; with --json, stdout is one document."""
    done = run(*arguments, *(["--json"] if as_json else []))
    assert (done.exit_code, done.stderr.count("\n")) == (code, 1)
    assert says in done.stderr
    if as_json:
        assert says in json.loads(done.stdout)["error"]["message"]
    else:
        assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["create", "Ada", "--colour", "red"], "No such option"),
        (["nothing"], "No such command"),
        (["get"], "Missing argument 'ID'"),
        (["list", "--limit", "many"], "not a valid int"),
        (["list", "--limit", "0"], "not in the range"),
        (["create", "Ada", "--timeout", "soon"], "not a valid float"),
        (["get", "1", "2"], "unexpected extra argument"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_usage_errors(arguments: list[str], says: str, as_json: bool) -> None:
    """An error in the command line itself ends with 2; with --json, stdout is one document and stderr one line."""
    done = run(*arguments, *["--json"] * as_json)
    assert (done.exit_code, says in done.stderr) == (2, True)
    if as_json:
        error = json.loads(done.stdout)["error"]
        assert (error["type"], error["outcome"]) == ("UsageError", "not_created")
        assert done.stderr == f"kling-voices: {' '.join(error['message'].split())}\n"
    else:
        assert done.stdout == ""


def test_json_after_two_dashes_is_an_argument() -> None:
    """`--` ends the options, so a later `--json` is not one."""
    done = run("get", "1", "--", "--json")
    assert (done.exit_code, done.stdout) == (2, "")


def test_the_wait_can_be_continued(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> None:
    """The command that the message of a timeout advises continues the wait."""
    gateway = use_gateway(monkeypatch, MockGateway(clock=clock, creation_seconds=5))
    done = run("create", "Ada", "--voice-url", URL, "--gateway", "mock", "--wait", "--timeout", "0")
    (command,) = advised_commands(done.stderr)
    assert (done.exit_code, run(*command).stdout) == (7, f"{VOICE}\n")
    assert len(gateway.tasks) == 1


@pytest.mark.parametrize("external_task_id", ["order-1", "it's 1; ls", "--help", "a b"])
def test_an_unknown_outcome_can_be_checked(
    monkeypatch: pytest.MonkeyPatch, clock: VirtualClock, external_task_id: str
) -> None:
    """The command in the message about an unknown outcome finds the task, for any id."""
    faults = [
        Fault("reset_after", operation="create_custom_voice"),
        Fault("shape_before", operation="get_custom_voice", times=3, shape="HTML 502"),
    ]
    gateway = use_gateway(monkeypatch, MockGateway(clock=clock, creation_seconds=0, faults=faults))
    done = run(
        "create", "Ada", "--voice-url", URL, "--gateway", "mock", f"--external-task-id={external_task_id}", "--json"
    )
    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["type"], error["outcome"]) == (4, "OutcomeUnknownError", "unknown")
    assert error["external_task_id"] == external_task_id
    (command,) = advised_commands(done.stderr)
    assert run(*command).stdout == f"{VOICE}\n"
    assert len(gateway.tasks) == 1


@pytest.mark.parametrize("external_task_id", ["order-1", "it's 1; ls", "--help", "a b"])
def test_a_lookup_that_finds_nothing(
    monkeypatch: pytest.MonkeyPatch, clock: VirtualClock, external_task_id: str
) -> None:
    """`recover` does not advise itself: the list shows the task, and a create with the advised option is refused."""
    faults = [Fault("shape_before", operation="get_custom_voice", times=1, shape="kling 400 1201")]
    gateway = use_gateway(monkeypatch, MockGateway(clock=clock, creation_seconds=0, faults=faults))
    create = ["create", "Ada", "--voice-url", URL, "--gateway", "mock"]
    assert run(*create, f"--external-task-id={external_task_id}").exit_code == 0
    done = run("recover", "--gateway", "mock", "--", external_task_id)
    assert done.exit_code == 4
    (command,) = advised_commands(done.stderr)
    assert [task["external_task_id"] for task in json.loads(run(*command).stdout)] == [external_task_id]
    (option,) = shlex.split(done.stderr.partition("again, pass ")[2].partition(": a gateway")[0])
    again = run(*create, option)
    assert (again.exit_code, len(gateway.tasks)) == (3, 1)


@pytest.mark.parametrize(
    ("shape", "says"), [("HTML 200", "If you set a base URL, check it."), ("empty 409", "the body is empty.")]
)
def test_advice_for_python_is_not_printed(monkeypatch: pytest.MonkeyPatch, shape: str, says: str) -> None:
    """A command has no attributes, so its message names none."""
    use_gateway(monkeypatch, MockGateway(faults=[Fault("shape_before", times=9, shape=shape)]))
    done = run("delete", VOICE, "--gateway", "mock")
    assert done.stderr.endswith(f"{says}\n")
    assert "attribute" not in done.stderr


def test_a_wrong_key_in_a_file(tmp_path: Path) -> None:
    """The key is read from the file; a rejected key does not appear in the message."""
    file = tmp_path / "key"
    file.write_text("sk-wrong\n", encoding="utf-8")
    done = run("create", "Ada", "--voice-url", URL, "--gateway", "mock", "--api-key-file", str(file))
    assert (done.exit_code, done.stderr.count("\n")) == (3, 1)
    assert "Check the API key" in done.stderr
    assert "sk-wrong" not in done.output


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /dev/fd")
@pytest.mark.parametrize("command", [["presets"], ["batch", "voices.csv", "--ledger", "voices.sqlite"]], ids=" ".join)
def test_a_key_from_a_pipe(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file may be a pipe, such as `<(pass show kling)` in a shell: it is read once."""
    monkeypatch.chdir(tmp_path)
    Path("voices.csv").write_text(f"voice_name,voice_url\nAda,{URL}\n", encoding="utf-8")
    reader, writer = os.pipe()
    os.write(writer, b"mock-key\n")
    os.close(writer)
    done = run(*command, "--gateway", "mock", "--api-key-file", f"/dev/fd/{reader}")
    os.close(reader)
    assert done.exit_code == 0, done.stderr


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that cannot be reached is reported on one line, with exit code 5."""
    monkeypatch.setenv("KLING_API_KEY", "k")
    done = run("create", "Ada", "--voice-url", URL, "--gateway", "http://127.0.0.1:9")
    assert (done.exit_code, done.stderr.count("\n")) == (5, 1)
    assert "could not be reached" in done.stderr


@pytest.mark.parametrize("as_json", [False, True])
def test_an_interrupted_create(monkeypatch: pytest.MonkeyPatch, as_json: bool) -> None:
    """Ctrl-C during a create ends with 130, and the message names the command that looks the task up."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kling_voices._protocol.responses._decoder.decode", interrupt)
        arguments = ["create", "Ada", "--voice-url", URL, "--gateway", "mock", "--external-task-id", "order-1"]
        done = run(*arguments, *["--json"] * as_json)
    assert done.exit_code == 130
    assert advised_commands(done.stderr) == [["recover", "--gateway", "mock", "order-1"]]
    if as_json:
        assert json.loads(done.stdout)["error"]["external_task_id"] == "order-1"


def test_an_interrupted_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during a read ends with 130 and needs no advice."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kling_voices._protocol.responses._decoder.decode", interrupt)
    done = run("presets", "--gateway", "mock")
    assert (done.exit_code, done.stderr) == (130, "kling-voices: interrupted\n")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInputError("x"), 2),
        (errors.BadRequestError("x", status_code=400), 3),
        (errors.QuotaExceededError("x", status_code=429), 3),
        (errors.OutcomeUnknownError("x"), 4),
        (errors.ServerError("x", status_code=502), 5),
        (errors.ServerError("x", status_code=200, code=5000), 5),
        (errors.APIError("x", status_code=600), 5),
        (errors.UnexpectedResponseError("x", status_code=200), 5),
        (errors.ConnectionFailedError("x", request_sent=False), 5),
        (errors.VoiceCreationFailedError("x", task=VoiceTask()), 6),
        (errors.WaitTimeoutError("x", task=VoiceTask()), 7),
    ],
)
def test_exit_codes(error: errors.KlingVoicesError, code: int) -> None:
    """Each class has the documented exit code."""
    assert exit_code(error) == code


@pytest.mark.parametrize("timeout", ["nan", "-1", "inf"])
def test_an_invalid_timeout_charges_nothing(gateway: MockGateway, timeout: str) -> None:
    """An invalid timeout of the wait is reported before the create is sent."""
    done = run("create", "Ada", "--voice-url", URL, "--gateway", "mock", "--wait", f"--timeout={timeout}")
    assert (done.exit_code, gateway.tasks) == (2, ())


def test_a_long_url_is_not_a_local_file(gateway: MockGateway) -> None:
    """A signed URL can be longer than the name of any file."""
    done = run("create", "Ada", "--voice-url", f"{URL}?signature={'0' * 5000}", "--gateway", "mock")
    assert (done.exit_code, len(gateway.tasks)) == (0, 1)
