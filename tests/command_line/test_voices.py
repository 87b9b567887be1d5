"""The commands about voices: what they print, and where."""

from __future__ import annotations

import json

import pytest
from kling_voices.mock import MockGateway, VirtualClock

from .running import TASK, URL, VOICE, advised_commands, run, use_gateway


def test_create_and_wait_prints_the_voice_id() -> None:
    """Stdout has only the id; messages go to stderr, without a progress line if stderr is not a terminal."""
    done = run("create", "Ada", "--voice-url", URL, "--gateway", "mock", "--wait")
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"{VOICE}\n", "kling-voices: the voice Ada is ready\n")


def test_create_prints_the_task_id() -> None:
    """Without --wait, the id by which the task can be queried."""
    done = run("create", "Ada", "--voice-url", URL, "--gateway", "mock")
    assert (done.exit_code, done.stdout) == (0, f"{TASK}\n")


@pytest.mark.usefixtures("gateway")
def test_the_whole_life_of_a_voice() -> None:
    """Create, wait, list, recover and delete a voice on one gateway."""
    on_mock = ("--gateway", "mock")
    assert run("create", "Ada", "--voice-url", URL, "--external-task-id", "order-1", *on_mock).exit_code == 0
    assert run("wait", TASK, *on_mock).stdout == f"{VOICE}\n"
    assert run("list", *on_mock).stdout == f"{TASK}\tsucceed\t{VOICE}\n"
    assert json.loads(run("list", "--json", *on_mock).stdout)[0]["external_task_id"] == "order-1"
    assert run("recover", "order-1", *on_mock).stdout == f"{VOICE}\n"
    assert json.loads(run("delete", VOICE, "--json", *on_mock).stdout)["status"] == "succeed"
    assert json.loads(run("get", "order-1", "--json", *on_mock).stdout)["voices"] == []


def test_presets_are_listed() -> None:
    """As many as requested, over as many pages as needed."""
    lines = run("presets", "--gateway", "mock", "--page-size", "10", "--limit", "25").stdout.splitlines()
    assert [line.split("\t")[1] for line in lines] == [f"Preset {number}" for number in range(1, 26)]
    assert len(json.loads(run("presets", "--gateway", "mock", "--json").stdout)) == 45


def test_json_is_one_document() -> None:
    """With --json, stdout is one document with ISO times, exact charges and the unmodified response."""
    done = run("create", "Ada", "--voice-url", URL, "--gateway", "mock", "--wait", "--json")
    document = json.loads(done.stdout)
    assert document["voices"][0]["voice_id"] == VOICE
    assert document["created_at"].endswith("+00:00")
    assert all(isinstance(charge["amount"], str) for charge in document["charges"])
    assert document["raw"]["data"]["task_id"] == document["task_id"]


@pytest.mark.parametrize("dialect", ["kling", "documented"])
def test_json_has_no_signed_urls(monkeypatch: pytest.MonkeyPatch, dialect: str) -> None:
    """The signed part of the caller's URL is not printed, although a response may repeat it."""
    use_gateway(monkeypatch, MockGateway(dialect=dialect, clock=VirtualClock()))  # type: ignore[arg-type]
    done = run("create", "Ada", "--voice-url", f"{URL}?sig=secret", "--gateway", "mock", "--json")
    assert (done.exit_code, "secret" in done.output) == (0, False)
    assert json.loads(done.stdout)["voice_url"] == f"{URL}?…"


def test_a_success_without_a_voice(gateway: MockGateway) -> None:
    """If a wait ends without a voice, the exit code is 5, stdout is empty, and the advised command works."""
    assert run("create", "Ada", "--voice-url", URL, "--gateway", "mock").exit_code == 0
    assert run("delete", VOICE, "--gateway", "mock").exit_code == 0
    done = run("wait", TASK, "--gateway", "mock")
    assert (done.exit_code, done.stdout) == (5, "")
    assert "contains no voice" in done.stderr
    (command,) = advised_commands(done.stderr)
    assert run(*command).stdout == f"{TASK}\n"
    assert len(gateway.tasks) == 1
