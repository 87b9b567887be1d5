"""The live checks on a mock gateway made to deviate: nothing is spent unasked, and deviations are findings."""

from __future__ import annotations

import pytest
from kling_voices.mock import Fault, MockGateway

from contract_tests.live import __main__ as live
from contract_tests.live import findings
from tests.support.servers import serve

KEY = "sk-MARKEDKEY"
URL = "https://cdn.example.com/ada.mp3?sig=MARKED"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLING_API_KEY", KEY)
    monkeypatch.setattr(findings, "rest", lambda _: None)


def _run(gateway: MockGateway, *options: str) -> int:
    with serve(gateway) as base_url:
        return live.main(["--gateway", base_url, *options])


def test_a_gateway_that_keeps_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    """No findings, nothing created, and the plan is printed before anything is sent."""
    gateway = MockGateway(KEY)
    assert _run(gateway) == 0
    told = capsys.readouterr().out
    assert told.index("it costs nothing") < told.index("ok  ")
    assert "0 findings" in told
    assert gateway.tasks == ()


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Fault("shape_before", operation="list_preset_voices", shape="HTML 200"), "the body is not JSON"),
        (
            Fault("shape_before", operation="get_custom_voice", shape="kling 404 1203"),
            "the status is 404, foreseen is 400",
        ),
        (Fault("shape_before", operation="create_custom_voice", shape="one-api 403"), "the code is None"),
        (Fault("shape_before", operation="create_custom_voice", shape="task failed 400"), "is not what the contract"),
        (Fault("reset_before", operation="get_custom_voice"), "no answer: ReadError"),
    ],
)
def test_deviations_are_findings(capsys: pytest.CaptureFixture[str], fault: Fault, what: str) -> None:
    """Each is told with its exchange, and without the key; the run goes on, and is red."""
    assert _run(MockGateway(KEY, faults=[fault])) == 1
    told = capsys.readouterr().out
    assert what in told
    assert "FINDING" in told
    assert "MARKED" not in told
    assert "a wrong key" in told, "the probes after a finding are sent, too"


def test_spending(capsys: pytest.CaptureFixture[str]) -> None:
    """With --spend as many voices are made and deleted as asked for, and the price is told first."""
    gateway = MockGateway(KEY, creation_seconds=0)
    assert _run(gateway, "--spend", "2", "--voice-url", URL) == 0
    told = capsys.readouterr().out
    assert told.index("Then 2 creates (about 0.014 USD") < told.index("voice 1 of 2: made and deleted")
    assert len(gateway.tasks) == 2
    assert "MARKED" not in told


def test_spending_stops_where_nobody_knows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """After a create whose outcome is unknown, no other is sent."""
    monkeypatch.setattr("kling_voices._flows.retry.FIRST_DELAY", 0.0)
    gateway = MockGateway(KEY, faults=[Fault("reset_before", operation="create_custom_voice", rate=1.0)])
    assert _run(gateway, "--spend", "5", "--voice-url", URL) == 1
    told = capsys.readouterr().out
    assert told.count("OutcomeUnknownError, outcome unknown") == 1


@pytest.mark.parametrize(
    "options",
    [[], ["--gateway", "nowhere"], ["--gateway", "kkiai", "--spend", "1"], ["--gateway", "kkiai", "--rate", "0"]],
)
def test_invalid_input(options: list[str]) -> None:
    """What is missing or wrong is said, with exit code 2; nothing is sent."""
    with pytest.raises(SystemExit) as caught:
        live.main(options)
    assert caught.value.code == 2
