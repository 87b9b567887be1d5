"""`create --voice-file` and the same in Python: a voice is created from a recording, and the upload is deleted."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kling_voices import KlingVoices, errors
from kling_voices.cli._commands import app
from kling_voices.mock import Fault, MockGateway, VirtualClock
from kling_voices.staging import Stage
from kling_voices.staging._stage import may_still_be_fetched
from typer.testing import CliRunner

from tests.support.object_store import ObjectStore
from tests.support.recordings import tone, write
from tests.support.servers import serve
from tests.support.terminals import run_on_terminal

URL = "s3://bucket/voices"
VOICE = "840000000000000001"


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    """A recording without a problem."""
    return write(tmp_path / "ada.wav")


@pytest.fixture
def gateway_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The base URL of a mock gateway that creates voices at once, for a command that runs as a process."""
    monkeypatch.setenv("KLING_API_KEY", "mock-key")
    with serve(MockGateway(creation_seconds=0)) as base_url:
        yield base_url


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The status of each download of the gateway, which fetches a recording when it is created."""
    statuses: list[int] = []

    def gateway() -> MockGateway:
        mock = MockGateway(clock=VirtualClock(), creation_seconds=0)
        real: Callable[..., Any] = mock.reply

        def reply(request: Any) -> Any:
            if request.method == "POST":
                statuses.append(httpx.get(json.loads(request.body)["voice_url"]).status_code)
            return real(request)

        monkeypatch.setattr(mock, "reply", reply)
        return mock

    monkeypatch.setattr("kling_voices.mock.MockGateway", gateway)
    return statuses


def _run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def _create(file: Path, *options: str) -> Any:
    return _run("create", "Ada", "--voice-file", file, "--gateway", "mock", *options)


def _advised(output: str) -> list[str]:
    """The command that the output tells the reader to run."""
    return shlex.split(output.rpartition("delete it: ")[2].splitlines()[0])


def test_create_and_wait(store: ObjectStore, ada: Path, fetched: list[int]) -> None:
    """The gateway can fetch the recording, the voice id is printed, and the store is empty again."""
    done = _create(ada, "--stage", URL, "--wait")
    assert (done.exit_code, done.stdout) == (0, f"{VOICE}\n")
    assert fetched == [200]
    assert store.names() == []
    assert "X-Amz" not in done.output


def test_the_stage_comes_from_the_environment(
    store: ObjectStore, ada: Path, fetched: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """KLING_STAGE is the default of --stage; with --json no signature is in the document."""
    monkeypatch.setenv("KLING_STAGE", URL)
    done = _create(ada, "--wait", "--json")
    assert json.loads(done.stdout)["voices"][0]["voice_id"] == VOICE
    assert "X-Amz" not in done.output
    assert (fetched, store.names()) == ([200], [])


def test_without_waiting_the_recording_stays(store: ObjectStore, ada: Path, fetched: list[int]) -> None:
    """The gateway may fetch it later. The command that is printed deletes it."""
    done = _create(ada, "--stage", URL)
    assert (done.exit_code, fetched, len(store.names())) == (0, [200], 1)
    command = _advised(done.stderr)
    assert command[:2] == ["kling-voices", "unstage"]
    assert _run(*command[1:]).exit_code == 0
    assert store.names() == []


@pytest.mark.parametrize(
    ("options", "code", "stays"),
    [
        (["--timeout", "0", "--wait"], 7, 1),
        (["--callback-url", "nowhere", "--wait"], 2, 0),
        (["--external-task-id", "..", "--wait"], 2, 0),
    ],
)
def test_after_an_error(store: ObjectStore, ada: Path, options: list[str], code: int, stays: int) -> None:
    """The recording is deleted if nothing was created, and stays while a task is running."""
    done = _create(ada, "--stage", URL, *options)
    assert (done.exit_code, len(store.names())) == (code, stays)
    assert ("unstage" in done.stderr) == bool(stays)


def test_a_failed_task_needs_no_recording(store: ObjectStore, ada: Path, fetched: list[int]) -> None:
    """After the task has failed, the recording is deleted. The mock finds no voice in a recording called silence."""
    done = _create(ada, "--stage", "s3://bucket/silence", "--wait")
    assert (done.exit_code, fetched, store.names()) == (6, [200], [])
    assert "unstage" not in done.stderr


def test_an_unknown_outcome(store: ObjectStore, ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A create whose response is lost may have been accepted, so the recording stays."""
    clock = VirtualClock()
    faults = [
        Fault("reset_after", operation="create_custom_voice"),
        Fault("reset_before", operation="get_custom_voice"),
    ]
    gateway = MockGateway(clock=clock, faults=faults)
    monkeypatch.setattr("kling_voices.mock.MockGateway", lambda: gateway)
    monkeypatch.setattr("kling_voices._sync_client.SystemClock", lambda: clock)
    done = _create(ada, "--stage", URL, "--wait")
    assert (done.exit_code, len(gateway.tasks), len(store.names())) == (4, 1, 1)
    assert _run(*_advised(done.stderr)[1:]).exit_code == 0
    assert store.names() == []


_MAIN = [sys.executable, "-c", "from kling_voices.cli import main; main()"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Ada", "--voice-file", "ada.wav"], "--voice-file needs an object store; pass --stage"),
        (["Ada", "--voice-file", "ada.wav", "--stage", "ftp://x"], "is not the URL of a bucket"),
        (["Ada", "--voice-file", "ada.wav", "--stage", URL, "--video-id", "7"], "and another source are both given"),
        (["Ada", "--voice-file", "no.wav", "--stage", URL], "no.wav cannot be read: No such file"),
        (["Ada", "--voice-file", "short.wav", "--stage", URL], "short.wav: it lasts 2.00 seconds; record 5 to 30"),
        (["A" * 21, "--voice-file", "ada.wav", "--stage", URL], "voice_name has 21 characters"),
    ],
)
def test_invalid_input(
    store: ObjectStore, ada: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    """One line, exit code 2, and nothing is uploaded or sent."""
    monkeypatch.chdir(ada.parent)
    write(ada.parent / "short.wav", tone(2))
    gateway = MockGateway()
    monkeypatch.setattr("kling_voices.mock.MockGateway", lambda: gateway)
    done = _run("create", *arguments, "--gateway", "mock", "--wait")
    assert (done.exit_code, done.stderr.count("\n"), gateway.tasks) == (2, 1, ())
    assert says in done.stderr
    assert store.names() == []


@pytest.mark.usefixtures("store")
def test_a_missing_bucket(ada: Path) -> None:
    """Nothing was uploaded, so the message does not say that a recording stays."""
    done = _create(ada, "--stage", "s3://no-such-bucket/x", "--wait")
    assert done.exit_code == 2
    assert "there is no bucket or container 'no-such-bucket'" in done.stderr
    assert "unstage" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(("operation", "stays"), [("before", 0), ("after", 1)])
def test_ctrl_c(store: ObjectStore, ada: Path, monkeypatch: pytest.MonkeyPatch, operation: str, stays: int) -> None:
    """Before the create is sent, Ctrl-C deletes the recording; afterwards the gateway may need it."""
    from kling_voices import _sync_client

    real = _sync_client.KlingVoices.create_and_wait

    def interrupted(client: KlingVoices, *arguments: Any, **options: Any) -> Any:
        if operation == "after":
            options["on_update"] = lambda _: signal.raise_signal(signal.SIGINT)
            return real(client, *arguments, **options)
        return signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(_sync_client.KlingVoices, "create_and_wait", interrupted)
    done = _create(ada, "--stage", URL, "--wait")
    assert (done.exit_code, len(store.names())) == (130, stays)
    assert ("unstage" in done.stderr) == bool(stays)


def test_in_python(store: ObjectStore, ada: Path, fetched: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The three lines of the documentation."""
    clock = VirtualClock()
    monkeypatch.setattr("kling_voices._sync_client.SystemClock", lambda: clock)
    with KlingVoices(gateway="mock") as client, Stage(URL) as stage:
        task = client.create_and_wait("Ada", voice_url=stage.put(ada))
    assert task.voice is not None
    assert (fetched, store.names()) == ([200], [])


def test_progress_of_each_step(store: ObjectStore, ada: Path, gateway_url: str) -> None:
    """A terminal shows that the file is checked and uploaded, and the voice created."""
    command = [*_MAIN, "create", "Ada", "--voice-file", str(ada), "--stage", URL, "--gateway", gateway_url, "--wait"]
    code, shown = run_on_terminal(command)
    assert code == 0
    for step in ("Checking ada.wav", "Uploading ada.wav", "Creating the voice Ada"):
        assert step in shown
    assert shown.splitlines()[-1] == VOICE
    assert store.names() == []


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.InvalidInputError("x"), False),
        (errors.RateLimitError("x", status_code=429), False),
        (errors.OutcomeUnknownError("x", outcome="unknown"), True),
        (errors.ServerError("x", status_code=500, outcome="unknown"), True),
        (errors.KlingVoicesError("x", outcome="created"), True),
        (ValueError("x"), False),
        (KeyboardInterrupt(), False),
        (ExceptionGroup("x", [ValueError("x"), errors.OutcomeUnknownError("x", outcome="unknown")]), True),
        (ExceptionGroup("x", [ValueError("x")]), False),
    ],
)
def test_when_a_recording_may_still_be_fetched(error: BaseException, expected: bool) -> None:
    """Only if the create may have been accepted."""
    assert may_still_be_fetched(error) is expected
