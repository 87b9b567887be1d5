"""`kling-voices batch`: what it prints and writes, its exit codes, and that its advice works."""

from __future__ import annotations

import csv
import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kling_voices.cli._commands import app
from kling_voices.mock import Fault, MockGateway, VirtualClock
from typer.testing import CliRunner

from tests.support.batches import URL, rows
from tests.support.servers import serve
from tests.support.terminals import run_on_terminal

CREATE = "create_custom_voice"


class Command:
    """Runs the command in this process, on one mock gateway that keeps its tasks between the runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.gateway = MockGateway(clock=self.clock, creation_seconds=9, parallel_tasks=5)
        self.manifest, self.ledger, self.output = folder / "m.csv", folder / "l.sqlite", folder / "o.csv"

    def write(self, *lines: str, header: str = "voice_name,voice_url") -> None:
        """Write the manifest."""
        self.manifest.write_text("\n".join([header, *lines, ""]), encoding="utf-8")

    def __call__(self, *options: str) -> Any:
        """Run `kling-voices batch` with options."""
        fixed = ["batch", str(self.manifest), "--ledger", str(self.ledger), "--gateway", "mock"]
        return CliRunner().invoke(app, [*fixed, *options])


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, without waiting."""
    command = Command(tmp_path)
    monkeypatch.setattr("kling_voices._sync_client.SystemClock", lambda: command.clock)
    monkeypatch.setattr("kling_voices._bulk.forecast.SystemClock", lambda: command.clock)
    monkeypatch.setattr("kling_voices.mock.MockGateway", lambda: command.gateway)
    return command


def test_all_succeed(command: Command) -> None:
    """A line for each result on stdout, a summary on stderr, and exit code 0; a second run sends nothing."""
    command.write(*(f"Voice {number},{URL}" for number in range(7)))
    for _ in range(2):
        done = command()
        assert (done.exit_code, len(command.gateway.tasks)) == (0, 7)
        printed = sorted(line.split("\t") for line in done.stdout.splitlines())
        assert [line[:2] for line in printed] == [[str(number), "succeeded"] for number in range(2, 9)]
        assert {line[2] for line in printed} == {task.voice_id for task in command.gateway.tasks}
        assert done.stderr == "kling-voices: finished: 7 succeeded\n"


def test_json(command: Command) -> None:
    """With --json stdout is one document."""
    command.write(f"Ada,{URL}?X-Amz-Signature=secret", "Bob,https://example.com/silence.mp3")
    done = command("--json")
    document = json.loads(done.stdout)
    assert (done.exit_code, document["counts"]) == (6, {"succeeded": 1, "failed": 1})
    ada = next(row for row in document["results"] if row["voice_name"] == "Ada")
    assert (ada["line"], ada["voice_id"], ada["charge"]) == (2, command.gateway.tasks[0].voice_id, "0.05 units")
    assert "secret" not in done.output


@pytest.mark.parametrize(
    ("faults", "options", "code"),
    [
        ([("shape_before", "kling 400 1301")], [], 3),
        ([("reset_before", "")], [], 4),
        ([("reset_before", ""), ("shape_before", "kling 400 1301")], [], 4),
        ([("shape_before", "kling 429 1102")], [], 3),
        ([("shape_before", "kling 400 1301")], ["--max-creates", "1"], 3),
        ([], ["--max-creates", "1"], 7),
    ],
)
def test_exit_codes(command: Command, faults: list[tuple[Any, str]], options: list[str], code: int) -> None:
    """The first that applies of 4 unknown, 3 refused, 6 failed; 7 if some were not sent."""
    command.write(f"Ada,{URL}", f"Bob,{URL}", "Eve,https://example.com/silence.mp3")
    for kind, shape in faults:
        fault = Fault(kind, operation=CREATE, times=1, shape=shape) if shape else Fault(kind, operation=CREATE, times=1)
        command.gateway.misbehave(fault)
    done = command("--parallel", "1", *options)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output


def test_no_network(command: Command) -> None:
    """Nothing was sent, so the exit code is 5 for a network failure, and the reason is named."""
    command.write(f"Ada,{URL}")
    command.gateway.misbehave(Fault("refuse"))
    done = command()
    assert done.exit_code == 5
    assert "The batch had to stop: mock could not be reached" in done.stderr


def test_invalid_lines(command: Command) -> None:
    """All of them are named with their numbers, and nothing is sent."""
    command.write(f"Ada,{URL}", "Bob,", f"{'x' * 21},{URL}")
    done = command()
    assert (done.exit_code, done.stdout, command.gateway.tasks) == (2, "", ())
    assert [line.partition("m.csv, ")[2][:6] for line in done.stderr.splitlines()[:2]] == ["line 3", "line 4"]
    assert done.stderr.splitlines()[-1].endswith("m.csv: 2; nothing was sent")
    document = json.loads(command("--json").stdout)
    assert [problem["line"] for problem in document["error"]["problems"]] == [3, 4]
    assert not command.ledger.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--parallel", "many"], "--parallel is 'many'"),
        (["--parallel", "0"], "parallel is 0"),
        (["--price", "cheap", "--dry-run"], "--price is 'cheap'"),
        (["--price", "-1", "--dry-run"], "--price is '-1'"),
        (["--price", "NaN", "--dry-run"], "--price is 'NaN'"),
        (["--timeout", "0"], "timeout must be"),
        (["--output", "missing/o.csv"], "the output missing/o.csv cannot be written"),
    ],
)
def test_invalid_options(command: Command, options: list[str], message: str) -> None:
    """Each is one clear sentence with exit code 2."""
    command.write(f"Ada,{URL}")
    done = command(*options)
    assert (done.exit_code, message in done.stderr) == (2, True), done.output
    assert command.gateway.tasks == ()


def test_the_output_must_not_replace_its_inputs(command: Command) -> None:
    """The manifest and the ledger cannot be the output."""
    command.write(f"Ada,{URL}")
    before = command.manifest.read_bytes()
    for path in (command.manifest, command.ledger):
        done = command("--output", str(path))
        assert (done.exit_code, "is the manifest or the ledger" in done.stderr) == (2, True)
    assert command.manifest.read_bytes() == before


def test_csv_output(command: Command) -> None:
    """One row for each request, with state, voice id, task id, charge and error."""
    command.write(f'"Ada, the first",{URL}', "Bob,https://example.com/silence.mp3")
    command("--output", str(command.output))
    with command.output.open(encoding="utf-8", newline="") as file:
        ada, bob = sorted(csv.DictReader(file), key=lambda row: row["line"])
    first, second = sorted(command.gateway.tasks, key=lambda task: task.body["voice_name"])
    assert ada == {
        "line": "2",
        "voice_name": "Ada, the first",
        "key": "",
        "state": "succeeded",
        "voice_id": first.voice_id,
        "task_id": first.task_id,
        "external_task_id": first.external_task_id,
        "charge": "0.05 units",
        "error": "",
    }
    assert (bob["state"], bob["task_id"]) == ("failed", second.task_id)
    assert "no voice was found" in bob["error"]


def test_json_lines_output(command: Command) -> None:
    """A name that ends in .jsonl gives JSON Lines; no other file is left behind."""
    command.write(f"Ada,{URL}")
    output = command.folder / "o.jsonl"
    command("--output", str(output))
    (row,) = map(json.loads, output.read_text(encoding="utf-8").splitlines())
    assert (row["state"], row["voice_id"]) == ("succeeded", command.gateway.tasks[0].voice_id)
    assert sorted(path.name for path in command.folder.iterdir()) == ["l.sqlite", "m.csv", "o.jsonl"]


def test_dry_run(command: Command) -> None:
    """It shows what would be sent and what that costs, and sends and writes nothing."""
    command.write(f"Ada,{URL}", f"Bob,{URL}", f"Ada,{URL}", f"Eve,{URL}")
    done = command("--dry-run", "--price", "0.007")
    assert (done.exit_code, command.gateway.tasks, command.ledger.exists()) == (0, (), False)
    assert done.stdout.splitlines() == ["2\tsend\tAda", "3\tsend\tBob", "4\tduplicate\tAda", "5\tsend\tEve"]
    assert "3 send, 1 duplicate; cost 0.021" in done.stderr
    command("--max-creates", "1")
    document = json.loads(command("--dry-run", "--json", "--price", "0.007", "--max-creates", "1").stdout)
    assert document["counts"] == {"done": 1, "send": 1, "duplicate": 1, "skip": 1}
    assert document["cost"] == "0.007"
    assert len(command.gateway.tasks) == 1


def test_the_advice_for_refused_and_unknown_requests(command: Command) -> None:
    """--resend-unknown and --retry-refused bring every request to its end."""
    command.write(f"Ada,{URL}", f"Bob,{URL}", f"Eve,{URL}")
    command.gateway.misbehave(Fault("reset_before", operation=CREATE, times=1))
    command.gateway.misbehave(Fault("shape_before", operation=CREATE, times=1, shape="kling 400 1301"))
    done = command("--parallel", "1", "--json")
    assert json.loads(done.stdout)["counts"] == {"unknown": 1, "refused": 1, "succeeded": 1}
    assert "--resend-unknown" in command().stdout
    assert command("--resend-unknown").exit_code == 3
    assert command("--retry-refused").exit_code == 0


def test_the_advice_after_a_timeout_and_a_lost_response(command: Command) -> None:
    """The rows and the summary say to run the batch again, which waits for one task and looks up the other."""
    command.write(f"Ada,{URL}", f"Bob,{URL}")
    command.gateway.misbehave(Fault("reset_after", operation=CREATE, times=1))
    command.gateway.misbehave(Fault("shape_before", operation="get_custom_voice", times=3, shape="HTML 502"))
    done = command("--parallel", "1", "--timeout", "1", "--json")
    errors = sorted(
        row["error"].partition(". ")[2].rpartition("Run the")[2] for row in json.loads(done.stdout)["results"]
    )
    assert errors == [" batch again to wait longer.", " batch again: it looks the task up before it sends anything."]
    assert (command().exit_code, len(command.gateway.tasks)) == (0, 2)


def test_a_local_path_as_url(command: Command) -> None:
    """The message names the field for local files."""
    command.write("Ada,ada.wav")
    assert "'ada.wav' is a local path, which a gateway cannot fetch; pass it as voice_file instead" in command().stderr


def test_ledger_errors(command: Command) -> None:
    """A file that is no ledger is one clear sentence, with exit code 2."""
    command.write(f"Ada,{URL}")
    command.ledger.write_text("These are my notes, and no ledger.\n" * 30, encoding="utf-8")
    done = command()
    assert (done.exit_code, "is not a ledger" in done.stderr) == (2, True)


def test_recordings_need_a_stage(command: Command) -> None:
    """Without --stage, nothing is checked or sent."""
    (command.folder / "ada.wav").write_bytes(b"RIFF")
    command.write("Ada,ada.wav", header="voice_name,voice_file")
    done = command()
    assert (done.exit_code, "pass --stage" in done.stderr) == (2, True)


def test_recordings_with_problems(command: Command) -> None:
    """Every recording is checked before anything is sent; those with problems are named with their lines."""
    recordings = pytest.importorskip("tests.support.recordings")
    recordings.write(command.folder / "good.wav")
    recordings.write(command.folder / "short.wav", recordings.tone(2))
    (command.folder / "text.wav").write_text("no audio", encoding="utf-8")
    command.write("Ada,good.wav", "Bob,short.wav", "Eve,text.wav", header="voice_name,voice_file")
    done = command("--dry-run")
    assert (done.exit_code, done.stdout) == (2, "")
    named = [line for line in done.stderr.splitlines() if ", line " in line]
    assert ["line 3" in named[0], "line 4" in named[1], len(named)] == [True, True, 2]


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c(tmp_path: Path) -> None:
    """Ctrl-C stops sending, exits with 130 and prints the command that continues; that command finishes the batch."""
    (tmp_path / "m.csv").write_text(
        "voice_name,voice_url\n" + "".join(f"Voice {number},{URL}\n" for number in range(6)), encoding="utf-8"
    )
    gateway = MockGateway(creation_seconds=0.3, parallel_tasks=3)
    program = str(Path(sys.executable).with_name("kling-voices"))
    environment = {**os.environ, "KLING_API_KEY": "mock-key"}
    with serve(gateway) as base_url:
        options = ["--ledger", "l.sqlite", "--gateway", base_url, "--output", "o.csv", "--parallel", "3"]
        arguments = [program, "batch", "m.csv", *options]
        with subprocess.Popen(
            arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            _wait_until(lambda: _accepted(tmp_path / "l.sqlite") == 3)
            process.send_signal(signal.SIGINT)
            _, messages = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Traceback" not in messages
        assert "interrupted; nothing more is sent" in messages
        assert len(gateway.tasks) == 3
        assert {row["state"] for row in rows(tmp_path / "l.sqlite")} <= {"planned", "accepted", "succeeded"}
        with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as file:
            assert all(row["state"] == "succeeded" for row in csv.DictReader(file))
        advice = shlex.split(messages.rpartition("Continue with: ")[2])
        done = subprocess.run([program, *advice[1:]], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (advice[0], done.returncode) == ("kling-voices", 0)
    assert len(gateway.tasks) == 6


def _accepted(ledger: Path) -> int:
    """The number of tasks in a ledger, which may not exist yet."""
    try:
        return sum(row["state"] == "accepted" for row in rows(ledger))
    except sqlite3.OperationalError:
        return 0


def _wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_progress_on_a_terminal(tmp_path: Path) -> None:
    """A terminal shows a bar with counts and slots; the results on stdout stay complete."""
    (tmp_path / "m.csv").write_text(f"voice_name,voice_url\nAda,{URL}\n", encoding="utf-8")
    program = str(Path(sys.executable).with_name("kling-voices"))
    command = [program, "batch", "m.csv", "--ledger", "l.sqlite", "--gateway", "mock"]
    with (tmp_path / "out.txt").open("wb") as stdout:
        code, shown = run_on_terminal(command, cwd=tmp_path, stdout=stdout, COLUMNS="120")
    assert code == 0
    assert "1/1" in shown
    assert "1 succeeded" in shown
    assert "running, limit" in shown
    assert (tmp_path / "out.txt").read_bytes().split(b"\t")[:2] == [b"2", b"succeeded"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_stdout_on_a_full_disk(
    command: Command, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message has a command that prints all results, from the ledger, and creates nothing twice."""
    command.write(*(f"Voice {number},{URL}" for number in range(7)))
    arguments = ["batch", str(command.manifest), "--ledger", str(command.ledger), "--gateway", "mock", *options]
    monkeypatch.setattr(sys, "argv", ["kling-voices", *arguments])
    with monkeypatch.context() as patch, Path("/dev/full").open("w") as full:
        patch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as ended:
            app(arguments)
    assert ended.value.code == 5
    printed = capsys.readouterr().err
    assert "The result cannot be written to stdout: No space left on device. Nothing more is sent, and" in printed
    paid = len(command.gateway.tasks)
    assert paid == (7 if options else 5)
    advised = shlex.split(printed.rpartition("Continue with: ")[2])
    done = CliRunner().invoke(app, advised[1:])
    assert (advised[0], done.exit_code, len(command.gateway.tasks)) == ("kling-voices", 0, 7)
    assert done.stdout.count("succeeded") == (8 if options else 7)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("name", ["o.csv", "o.jsonl"])
def test_the_output_on_a_full_disk(command: Command, name: str) -> None:
    """One sentence and exit code 5. The same command writes all rows when there is space again."""
    command.write(f"Ada,{URL}", f"Bob,{URL}")
    output = command.folder / name
    (command.folder / f".{name}.part").symlink_to("/dev/full")
    done = command("--output", str(output))
    assert done.exit_code == 5
    assert f"The output {output} cannot be written completely: No space left on device. Nothing more" in done.stderr
    output.unlink()
    assert command("--output", str(output)).exit_code == 0
    assert output.read_text(encoding="utf-8").count("succeeded") == 2
    assert len(command.gateway.tasks) == 2
