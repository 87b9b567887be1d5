"""The service against the mock gateway: no network, no keys, no waiting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from kling_voices.mock import Fault, MockGateway, VirtualClock

from .service import create_app

TOKEN = "a-token-for-tests-only"
ORDER = {"voice_name": "Ada", "voice_url": "https://cdn.example.com/ada.mp3"}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kling_gateway: MockGateway) -> Iterator[TestClient]:
    """The running service. It talks to `kling_gateway`, and needs no key."""
    assert kling_gateway.tasks == ()
    monkeypatch.setenv("KLING_CALLBACK_TOKEN", TOKEN)
    monkeypatch.setenv("VOICE_SERVICE_URL", "https://voices.example.com")
    with TestClient(create_app(tmp_path)) as http:
        yield http


def call_back(service: TestClient, gateway: MockGateway) -> int:
    """Send the last callback that the gateway has due."""
    status: int = service.post(f"/callbacks/{TOKEN}", json=gateway.callbacks[-1].task).status_code
    return status


def test_a_voice_by_callback(service: TestClient, kling_gateway: MockGateway, kling_clock: VirtualClock) -> None:
    """The callback of the gateway makes the order ready; a repeated one changes nothing."""
    order = service.post("/voices", json=ORDER).json()
    assert order["status"] == "ordered"
    (task,) = kling_gateway.tasks
    assert task.body["external_task_id"] == order["order_id"]
    assert task.body["callback_url"] == f"https://voices.example.com/callbacks/{TOKEN}"

    kling_clock.advance(60)
    assert [call_back(service, kling_gateway) for _ in range(2)] == [200, 200]
    ready = service.get(f"/voices/{order['order_id']}").json()
    assert (ready["status"], ready["voice_id"]) == ("ready", task.voice_id)


def test_a_voice_without_callback(service: TestClient, kling_gateway: MockGateway, kling_clock: VirtualClock) -> None:
    """If the callback is lost, asking for the order finds the voice."""
    order_id = service.post("/voices", json=ORDER).json()["order_id"]
    assert service.get(f"/voices/{order_id}").json()["status"] == "ordered"
    kling_clock.advance(60)
    assert service.get(f"/voices/{order_id}").json()["voice_id"] == kling_gateway.tasks[0].voice_id


def test_a_forged_callback(service: TestClient, kling_gateway: MockGateway) -> None:
    """A callback that claims success too early changes nothing, nor does one for a task of somebody else."""
    order_id = service.post("/voices", json=ORDER).json()["order_id"]
    for task_id in (kling_gateway.tasks[0].task_id, "83"):
        forged = {"task_id": task_id, "task_status": "succeed"}
        assert service.post(f"/callbacks/{TOKEN}", json=forged).status_code == 200
    assert service.post("/callbacks/a-token-that-is-guessed", json=forged).status_code == 404
    assert service.get(f"/voices/{order_id}").json()["status"] == "ordered"


def test_a_lost_response_is_charged_once(
    service: TestClient, kling_gateway: MockGateway, kling_clock: VirtualClock
) -> None:
    """The gateway accepts the create but fails; the order stays, and the voice is found without a second create."""
    kling_gateway.misbehave(Fault("reset_after", operation="create_custom_voice", times=1))
    kling_gateway.misbehave(Fault("shape_before", operation="get_custom_voice", shape="HTML 502", times=3))
    response = service.post("/voices", json=ORDER)
    assert (response.status_code, response.json()["status"]) == (202, "ordered")
    kling_clock.advance(60)
    assert service.get(f"/voices/{response.json()['order_id']}").json()["status"] == "ready"
    assert len(kling_gateway.tasks) == 1


def test_a_rejected_order(service: TestClient, kling_gateway: MockGateway) -> None:
    """A name that is too long is not sent; an exhausted account is the service's problem, not the customer's."""
    response = service.post("/voices", json={**ORDER, "voice_name": "x" * 21})
    assert response.status_code == 422
    assert "voice_name has 21 characters" in response.json()["detail"]
    kling_gateway.misbehave(Fault("shape_before", operation="create_custom_voice", shape="kling 429 1101"))
    assert service.post("/voices", json=ORDER).status_code == 502
    assert kling_gateway.tasks == ()


def test_audio_without_a_voice(service: TestClient, kling_gateway: MockGateway, kling_clock: VirtualClock) -> None:
    """A task that fails makes the order failed, with the reason."""
    url = "https://cdn.example.com/silence.mp3"
    order_id = service.post("/voices", json={**ORDER, "voice_url": url}).json()["order_id"]
    kling_clock.advance(60)
    assert call_back(service, kling_gateway) == 200
    order = service.get(f"/voices/{order_id}").json()
    assert (order["status"], order["voice_id"], bool(order["message"])) == ("failed", None, True)


def test_an_unknown_order(service: TestClient) -> None:
    """It is not found, and the gateway is not asked."""
    assert service.get("/voices/17").status_code == 404
