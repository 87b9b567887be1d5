"""The commands that call and describe generated operations."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import kling_voices
import pytest
from kling_voices.mock import Fault, MockGateway, VirtualClock

from tests.support import videos

from .running import TASK, URL, VOICE, advised_commands, run, run_commands, use_gateway

BODY = json.dumps({"voice_name": "Ada", "voice_url": URL})


def test_bodies(tmp_path: Path) -> None:
    """A body is JSON text, a file, or stdin; the data of the response is printed as JSON."""
    (tmp_path / "body.json").write_text(BODY, encoding="utf-8")
    for given, stdin in ((BODY, None), (f"@{tmp_path / 'body.json'}", None), ("@-", BODY)):
        done = run("call", "create_custom_voice", "--body", given, "--gateway", "mock", stdin=stdin)
        assert (done.exit_code, json.loads(done.stdout)["task_id"]) == (0, TASK)


def test_arguments() -> None:
    """An argument is converted to the type of the operation, and may be written with dashes."""
    done = run("call", "list_preset_voices", "--argument", "page-size=3", "--gateway", "mock")
    assert len(json.loads(done.stdout)) == 3


@pytest.mark.usefixtures("gateway")
def test_wait() -> None:
    """--wait prints the data of the finished task, after a create and for a task that exists already."""
    done = run("call", "create_custom_voice", "--body", BODY, "--wait", "--gateway", "mock")
    data = json.loads(done.stdout)
    assert (data["task_status"], data["task_result"]["voices"][0]["voice_id"]) == ("succeed", VOICE)
    done = run("call", "get_custom_voice", "--argument", f"id={TASK}", "--wait", "--gateway", "mock")
    assert json.loads(done.stdout) == data


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "there is no operation 'nothing'"),
        (["list_preset_voices", "--argument", "page_size=many"], "must be of type int, but it is 'many'"),
        (
            ["list_preset_voices", "--argument", "page_size"],
            "--argument 'page_size' does not have the form NAME=VALUE",
        ),
        (["list_preset_voices", "--argument", "colour=red"], "has no argument 'colour'; it takes page_num, page_size"),
        (["list_preset_voices", "--wait"], "list_preset_voices neither creates nor queries a task"),
        (["delete_custom_voice", "--body", "{"], "--body is not JSON"),
        (["delete_custom_voice", "--body", "@/nowhere/at/all"], "the file /nowhere/at/all cannot be read"),
        (["delete_custom_voice", "--body", "5", "--file", "a=b"], "--file adds a field to the body"),
        (["delete_custom_voice", "--file", "a"], "--file 'a' does not have the form NAME=PATH"),
        (["delete_custom_voice"], "delete_custom_voice needs the argument 'body' with the field voice_id"),
        (["create_custom_voice"], "create_custom_voice needs the argument 'body' with the field voice_name"),
        (["create_custom_voice", "--body", "{}"], "needs the field 'voice_name'"),
    ],
)
def test_invalid_calls(gateway: MockGateway, arguments: list[str], says: str) -> None:
    """An invalid call is reported on one line and as JSON, with exit code 2, and nothing is sent."""
    done = run("call", *arguments, "--gateway", "mock", "--json")
    assert (done.exit_code, done.stderr.count("\n"), gateway.tasks) == (2, 1, ())
    assert says in done.stderr
    assert says in json.loads(done.stdout)["error"]["message"]


def test_an_unknown_outcome_can_be_checked(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> None:
    """The command that the message advises finds the task of a call whose outcome is unknown."""
    faults = [
        Fault("reset_after", operation="create_custom_voice"),
        Fault("shape_before", operation="get_custom_voice", times=3, shape="HTML 502"),
    ]
    gateway = use_gateway(monkeypatch, MockGateway(clock=clock, faults=faults))
    done = run("call", "create_custom_voice", "--body", BODY, "--gateway", "mock")
    assert done.exit_code == 4
    (command,) = advised_commands(done.stderr)
    assert command[:2] == ["call", "--gateway"]
    assert json.loads(run(*command).stdout)["task_id"] == gateway.tasks[0].task_id


def test_the_wait_can_be_continued(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> None:
    """The command that the message of a timeout advises waits for the same task."""
    gateway = use_gateway(monkeypatch, MockGateway(clock=clock, creation_seconds=5))
    done = run("call", "create_custom_voice", "--body", BODY, "--gateway", "mock", "--wait", "--timeout", "0")
    assert done.exit_code == 7
    (command,) = advised_commands(done.stderr)
    assert json.loads(run(*command).stdout)["task_status"] == "succeed"
    assert len(gateway.tasks) == 1


def test_operations_are_listed() -> None:
    """One line per operation on stdout; with --json, everything that is known of each."""
    lines = run("operations").stdout.splitlines()
    assert "get_custom_voice\tGET\t/kling/v1/general/custom-voices/{id}\tid" in lines
    assert "list_custom_voices\tGET\t/kling/v1/general/custom-voices\t[page_num] [page_size]" in lines
    documents = json.loads(run("operations", "--json").stdout)
    assert [document["name"] for document in documents] == [line.partition("\t")[0] for line in lines]


def test_one_operation_is_described() -> None:
    """`operations NAME` shows every field with its type, bounds and description, also as JSON."""
    shown = run("operations", "create_custom_voice").stdout
    (line,) = [line.strip() for line in shown.splitlines() if line.strip().startswith("voice_name ")]
    assert re.match(r"voice_name +string, required, 1 to 20 characters\. \S", line)
    assert "(required; exactly one of voice_url, video_id)" in shown
    document = json.loads(run("operations", "create_custom_voice", "--json").stdout)
    (field,) = [each for each in document["body"] if each["name"] == "voice_name"]
    assert line.endswith(field.pop("description"))  # in the words of the page
    assert field == {"name": "voice_name", "type": "string", "required": True, "bounds": "1 to 20 characters"}
    assert (document["creates_task"], document["query"]) == (True, "get_custom_voice")
    pages = json.loads(run("operations", "list_custom_voices", "--json").stdout)["parameters"]
    assert [(page["name"], page["type"], page["bounds"]) for page in pages] == [
        ("page_num", "integer", "1 to 1000, default 1"),
        ("page_size", "integer", "1 to 1000, default 30"),
    ]


def test_an_unknown_operation_cannot_be_described() -> None:
    """`operations NAME` of an unknown name is an error that names the known ones."""
    done = run("operations", "nothing", "--json")
    assert done.exit_code == 2
    assert "choose one of create_custom_voice" in json.loads(done.stdout)["error"]["message"]


def test_help_of_one_operation() -> None:
    """`call NAME --help` describes the operation after the options; an unknown name is an error."""
    shown = run("call", "create_custom_voice", "--help").stdout
    assert run("operations", "create_custom_voice").stdout.strip() in shown
    assert "--body" in shown
    assert "voice_name" not in run("call", "--help").stdout
    assert run("call", "nothing", "--help").exit_code == 2


def test_an_operation_of_a_new_page(tmp_path: Path) -> None:
    """A paid operation of a new page is described, called and waited for; a lost task is found as advised."""
    path = os.pathsep.join([str(videos.generate(tmp_path)), str(Path(kling_voices.__file__).parents[1])])
    create = ["call", videos.CREATE, "--gateway", "mock"]
    send = [*create, "--body", '{"prompt": "hello"}', "--wait"]
    without_query = ["call", videos.WITHOUT_QUERY, "--gateway", "mock", "--body", '{"scene": "sea"}']
    shown, refused, done, timed_out, unwaitable, accepted = run_commands(
        [*create, "--help"],
        create,
        send,
        [*send, "--timeout", "0"],
        [*without_query, "--wait"],
        without_query,
        environment={**os.environ, "PYTHONPATH": path},
    )
    assert "voice_list[].voice_id  string, required. The id of a voice" in shown.stdout
    assert (refused.exit_code, "needs the argument 'body' with the field prompt" in refused.stderr) == (2, True)
    assert json.loads(done.stdout)["task_result"]["videos"][0]["url"].startswith("https://"), done.stderr
    assert timed_out.exit_code == 7
    assert (unwaitable.exit_code, accepted.exit_code) == (2, 0)
    assert "the page of GET /kling/v1/videos/effects/{id}, which" in unwaitable.stderr
    (command,) = advised_commands(timed_out.stderr)
    assert command[:2] + command[-1:] == ["call", "--gateway", "--wait"]
