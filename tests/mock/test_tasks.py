"""Kling's task pattern on the mock: for voices, and for any other kind of task that a contract describes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kling_voices.mock import Fault, MockGateway, VirtualClock

from tests.mock.contracts import CONTRACTS, NEWER, TEXT2VIDEO, VIDEO_TASK, document, task_paths
from tests.mock.requests import CREATE, DELETE, PRESETS, VOICE, ask

VIDEO = {"prompt": "a sunrise"}


def videos(contract: str = "videos", **options: Any) -> tuple[MockGateway, VirtualClock]:
    """A mock of a contract with videos, whose tasks take ten seconds."""
    clock = VirtualClock()
    return MockGateway(contract=CONTRACTS[contract], clock=clock, creation_seconds=10, **options), clock


def test_the_life_of_a_voice(gateway: MockGateway, clock: VirtualClock) -> None:
    """Submitted, processing, succeeded, by the clock alone; found by both ids; a taken external id is refused."""
    body = {**VOICE, "external_task_id": "order-1"}
    created = ask(gateway, "POST", CREATE, body).data
    seen = []
    for seconds in (0, 2, 7, 1):
        clock.advance(seconds)
        seen += [ask(gateway, "GET", f"{CREATE}/{either_id}").data for either_id in (created["task_id"], "order-1")]
    assert [task["task_status"] for task in seen] == ["submitted"] * 2 + ["processing"] * 4 + ["succeed"] * 2
    assert seen[-1]["task_result"]["voices"][0]["voice_name"] == "Ada"
    assert seen[-1]["updated_at"] - seen[-1]["created_at"] == 10_000
    assert (created["created_at"], created["updated_at"]) == (seen[-1]["created_at"],) * 2
    again = ask(gateway, "POST", CREATE, body)
    assert (again.status, again.content["code"], len(gateway.tasks)) == (400, 1201, 1)


@pytest.mark.parametrize(
    ("contract", "path", "status"),
    [("videos", TEXT2VIDEO, 200), ("videos with 202", TEXT2VIDEO, 202), ("undescribed videos", TEXT2VIDEO, 200)],
)
def test_the_life_of_another_task(contract: str, path: str, status: int) -> None:
    """A kind of task that the mock does not know by name progresses, finishes and has results, like a voice."""
    gateway, clock = videos(contract)
    created = ask(gateway, "POST", path, {**VIDEO, "external_task_id": "film-1"})
    assert (created.status, created.data["task_status"]) == (status, "submitted")
    task_id = created.data["task_id"]
    clock.advance(2)
    assert ask(gateway, "GET", f"{path}/film-1").data["task_status"] == "processing"
    clock.advance(8)
    task = ask(gateway, "GET", f"{path}/{task_id}").data
    assert task["task_status"] == "succeed"
    [video] = task["task_result"]["videos"]
    assert video["id"] == gateway.tasks[0].result_id
    assert video["url"].startswith("https://mock.invalid/")
    assert [each.operation for each in gateway.tasks] == ["create_video"]


def test_the_result_follows_the_schema() -> None:
    """All described fields of a result are there, and none before the task has succeeded."""
    gateway, clock = videos()
    ask(gateway, "POST", TEXT2VIDEO, {**VIDEO, "external_task_id": "film-1"})
    assert "task_result" not in ask(gateway, "GET", f"{TEXT2VIDEO}/film-1").data
    clock.advance(10)
    [video] = ask(gateway, "GET", f"{TEXT2VIDEO}/film-1").data["task_result"]["videos"]
    assert video.keys() == {"id", "url", "watermark_url", "duration"}


def test_the_result_of_an_example() -> None:
    """A documented example of the query provides the results."""
    paths = task_paths(TEXT2VIDEO, VIDEO_TASK)
    media = paths[f"{TEXT2VIDEO}/{{task_id}}"]["get"]["responses"]["200"]["content"]["application/json"]
    videos_of_example = [{"id": "1", "url": "https://cdn.example.com/film.mp4", "duration": "5"}]
    task = {"task_id": "1", "task_status": "succeed", "created_at": 1, "updated_at": 1}
    media["example"] = {"code": 0, "data": {**task, "task_result": {"videos": videos_of_example}}}
    gateway = MockGateway(contract=document(paths), creation_seconds=0)
    ask(gateway, "POST", TEXT2VIDEO, {**VIDEO, "external_task_id": "film-1"})
    [video] = ask(gateway, "GET", f"{TEXT2VIDEO}/film-1").data["task_result"]["videos"]
    assert video == {**videos_of_example[0], "id": gateway.tasks[0].result_id}


def test_a_contract_in_the_newer_envelope() -> None:
    """Where the contract describes Kling's newer envelope, the tasks have it."""
    gateway, clock = videos("videos in the newer envelope")
    created = ask(gateway, "POST", NEWER, {**VIDEO, "external_task_id": "film-1"}).data
    assert (created["status"], created["external_id"]) == ("submitted", "film-1")
    clock.advance(10)
    task = ask(gateway, "GET", f"{NEWER}/{created['id']}").data
    assert task["status"] == "succeeded"
    assert task["outputs"] == [
        {
            "type": "video",
            "id": gateway.tasks[0].result_id,
            "url": "https://mock.invalid/sample",
            "status": "succeeded",
        }
    ]


def test_a_contract_with_integer_ids() -> None:
    """The mock follows the contract, not its own habits."""
    gateway, _ = videos("integer ids")
    created = ask(gateway, "POST", TEXT2VIDEO, VIDEO).data
    assert created["task_id"] == int(gateway.tasks[0].task_id)
    assert ask(gateway, "GET", f"{TEXT2VIDEO}/{created['task_id']}").data["task_id"] == created["task_id"]


def test_external_ids_are_unique_in_an_account() -> None:
    """An external id can be used once, for any kind of task; without one, any number of tasks is possible."""
    paths = {**task_paths(TEXT2VIDEO, VIDEO_TASK), **_renamed(task_paths("/kling/v1/videos/image2video", VIDEO_TASK))}
    gateway = MockGateway(contract=document(paths))
    body = {**VIDEO, "external_task_id": "film-1"}
    assert [ask(gateway, "POST", path, body).status for path in (TEXT2VIDEO, "/kling/v1/videos/image2video")] == [
        200,
        400,
    ]
    assert [ask(gateway, "POST", TEXT2VIDEO, {**VIDEO, "external_task_id": ""}).status for _ in range(2)] == [200, 200]
    assert [ask(gateway, "POST", TEXT2VIDEO, VIDEO).status for _ in range(2)] == [200, 200]
    assert len(gateway.tasks) == 5


def test_kinds_of_tasks_are_separate() -> None:
    """A task is found and listed only where it was created."""
    other = "/kling/v1/videos/image2video"
    gateway = MockGateway(
        contract=document({**task_paths(TEXT2VIDEO, VIDEO_TASK), **_renamed(task_paths(other, VIDEO_TASK))})
    )
    created = ask(gateway, "POST", TEXT2VIDEO, {**VIDEO, "external_task_id": "film-1"}).data
    for either_id in (created["task_id"], "film-1"):
        assert [ask(gateway, "GET", f"{path}/{either_id}").status for path in (TEXT2VIDEO, other)] == [200, 400]
    assert [len(ask(gateway, "GET", path).data) for path in (TEXT2VIDEO, other)] == [1, 0]


def _renamed(paths: dict[str, Any]) -> dict[str, Any]:
    renamed: dict[str, Any] = json.loads(json.dumps(paths).replace("_video", "_image_video"))
    return renamed


@pytest.mark.parametrize(
    ("contract", "path", "body"), [("the compiled contract", CREATE, VOICE), ("videos", TEXT2VIDEO, VIDEO)]
)
@pytest.mark.parametrize("size", [1, 2, 5, 500])
def test_pages_do_not_overlap(contract: str, path: str, body: Any, size: int) -> None:
    """The pages of tasks, the newest first: each task exactly once, and all pages full except the last."""
    gateway, _ = videos(contract)
    for _ in range(5):
        ask(gateway, "POST", path, body)
    pages = [ask(gateway, "GET", path, query=f"pageNum={n}&pageSize={size}").data for n in range(1, 5 // size + 2)]
    assert [task["task_id"] for page in pages for task in page] == [f"83000000000000000{n}" for n in (5, 4, 3, 2, 1)]


def test_pages_that_the_contract_does_not_declare() -> None:
    """A list whose page names no parameters is paginated all the same, as Kling does."""
    contract = document(task_paths(TEXT2VIDEO, VIDEO_TASK))
    del contract["paths"][TEXT2VIDEO]["get"]["parameters"]
    gateway = MockGateway(contract=contract)
    for _ in range(3):
        ask(gateway, "POST", TEXT2VIDEO, VIDEO)
    lengths = [
        len(ask(gateway, "GET", TEXT2VIDEO, query=query).data) for query in ("pageNum=2&pageSize=2", "", "pageSize=x")
    ]
    assert lengths == [1, 3, 3]


def test_ids_and_addresses_of_another_type() -> None:
    """A contract that does not restrict the types: a list is neither an external id nor an address."""
    paths = task_paths(TEXT2VIDEO, VIDEO_TASK)
    paths[TEXT2VIDEO]["post"]["requestBody"]["content"]["application/json"]["schema"] = {
        "type": "object",
        "properties": {"external_task_id": {}, "callback_url": {}},
    }
    gateway = MockGateway(contract=document(paths), creation_seconds=0)
    created = ask(gateway, "POST", TEXT2VIDEO, {"external_task_id": [1], "callback_url": 7})
    assert (created.status, gateway.tasks[0].external_task_id, gateway.callbacks) == (200, None, ())


@pytest.mark.parametrize("size", [1, 7, 45, 1000])
def test_pages_of_presets(gateway: MockGateway, size: int) -> None:
    """The presets are complete and belong to Kling."""
    pages = [ask(gateway, "GET", PRESETS, query=f"pageNum={n}&pageSize={size}").data for n in range(1, 45 // size + 2)]
    voices = [voice for page in pages for task in page for voice in task["task_result"]["voices"]]
    assert len(voices) == len({voice["voice_id"] for voice in voices}) == 45
    assert {voice["owned_by"] for voice in voices} == {"kling"}
    assert not any("task_info" in task or "final_unit_deduction" in task for page in pages for task in page)


@pytest.mark.parametrize(
    ("contract", "path", "body"), [("the compiled contract", CREATE, VOICE), ("videos", TEXT2VIDEO, VIDEO)]
)
def test_tasks_fail_on_demand(contract: str, path: str, body: Any) -> None:
    """The fault `fail_task` makes any kind of task fail: it is charged, has a message and no results."""
    gateway, clock = videos(contract, faults=[Fault("fail_task", times=1)])
    failing, other = (ask(gateway, "POST", path, body).data["task_id"] for _ in range(2))
    clock.advance(10)
    failed = ask(gateway, "GET", f"{path}/{failing}").data
    assert (failed["task_status"], failed["task_status_msg"]) == ("failed", "the task failed on demand")
    assert "task_result" not in failed
    assert ask(gateway, "GET", f"{path}/{other}").data["task_status"] == "succeed"
    assert [task.fails for task in gateway.tasks] == [True, False]


@pytest.mark.parametrize("source", [{"voice_url": "https://example.com/silence.mp3"}, {"video_id": "silence"}])
def test_audio_without_a_voice(gateway: MockGateway, clock: VirtualClock, source: dict[str, str]) -> None:
    """A voice whose audio is named `silence` fails."""
    task_id = ask(gateway, "POST", CREATE, {"voice_name": "Ada", **source}).data["task_id"]
    clock.advance(10)
    task = ask(gateway, "GET", f"{CREATE}/{task_id}").data
    assert (task["task_status"], task["task_status_msg"]) == ("failed", "no voice was found in the audio")


def test_voices_can_be_deleted_once(gateway: MockGateway, clock: VirtualClock) -> None:
    """A deleted voice is gone from its task, and cannot be deleted again; presets and unknown voices cannot at all."""
    task_id = ask(gateway, "POST", CREATE, VOICE).data["task_id"]
    clock.advance(10)
    [voice] = ask(gateway, "GET", f"{CREATE}/{task_id}").data["task_result"]["voices"]
    delete = {"voice_id": voice["voice_id"]}
    assert ask(gateway, "POST", DELETE, delete).data == {"task_id": voice["voice_id"], "task_status": "succeed"}
    assert ask(gateway, "GET", f"{CREATE}/{task_id}").data["task_result"] == {"voices": []}
    assert ask(gateway, "POST", DELETE, delete).content["code"] == 1201
    assert ask(gateway, "POST", DELETE, {"voice_id": "820000000000000001"}).content["code"] == 1103
    assert ask(gateway, "POST", DELETE, {"voice_id": "1"}).content["code"] == 1201


def test_ids_are_percent_decoded(gateway: MockGateway) -> None:
    """An external id with a slash and a letter beyond ASCII is found."""
    ask(gateway, "POST", CREATE, {**VOICE, "external_task_id": "a/b ü"})
    assert ask(gateway, "GET", f"{CREATE}/a%2Fb%20%C3%BC").status == 200


def test_time_can_be_moved_without_a_virtual_clock() -> None:
    """`advance` moves the mock's time ahead of the system's clock; only forward."""
    from kling_voices import InvalidInputError

    gateway = MockGateway(creation_seconds=3600)
    task_id = ask(gateway, "POST", CREATE, VOICE).data["task_id"]
    gateway.advance(3600)
    assert ask(gateway, "GET", f"{CREATE}/{task_id}").data["task_status"] == "succeed"
    for seconds in (-1.0, 1e10, float("nan")):
        with pytest.raises(InvalidInputError, match="pass 0 to"):
            gateway.advance(seconds)
