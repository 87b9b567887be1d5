"""The live checks on a mock gateway with faults: nothing is charged without `--spend`, and deviations are findings."""

from __future__ import annotations

import pytest
from kling_voices.mock import Fault, MockGateway

from contract_tests.live import __main__ as live
from contract_tests.live import findings
from tests.support.servers import serve

KEY = "sk-MARKEDKEY"
URL = "https://cdn.example.com/ada.mp3?sig=MARKED"


@pytest.fixture(autouse=True)
def _no_sleeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLING_API_KEY", KEY)
    monkeypatch.setattr(findings, "sleep", lambda _: None)


def _run(gateway: MockGateway, *options: str) -> int:
    with serve(gateway) as base_url:
        return live.main(["--gateway", base_url, *options])


def test_a_correct_gateway(capsys: pytest.CaptureFixture[str]) -> None:
    """No findings, nothing created, and the requests are listed before anything is sent."""
    gateway = MockGateway(KEY)
    assert _run(gateway) == 0
    output = capsys.readouterr().out
    assert output.index("nothing is charged") < output.index("ok  ")
    assert "0 findings" in output
    assert gateway.tasks == ()


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault("shape_before", operation="list_preset_voices", shape="HTML 200"), "the body is not JSON"),
        (
            Fault("shape_before", operation="get_custom_voice", shape="kling 404 1203"),
            "the status is 404, expected 400",
        ),
        (Fault("shape_before", operation="create_custom_voice", shape="one-api 403"), "the code is None"),
        (
            Fault("shape_before", operation="create_custom_voice", shape="task failed 400"),
            "is not valid by the contract",
        ),
        (Fault("reset_before", operation="get_custom_voice"), "no response: ReadError"),
    ],
)
def test_deviations_are_findings(capsys: pytest.CaptureFixture[str], fault: Fault, problem: str) -> None:
    """Each is printed with request and response, without the key; the run continues and fails."""
    assert _run(MockGateway(KEY, faults=[fault])) == 1
    output = capsys.readouterr().out
    assert problem in output
    assert "FINDING" in output
    assert "MARKED" not in output
    assert "a wrong key" in output, "the probes after a finding are sent"


def test_spending(capsys: pytest.CaptureFixture[str]) -> None:
    """With --spend N, N voices are created and deleted, and the price is printed before."""
    gateway = MockGateway(KEY, creation_seconds=0)
    assert _run(gateway, "--spend", "2", "--voice-url", URL) == 0
    output = capsys.readouterr().out
    assert output.index("Then 2 creates (about 0.014 USD") < output.index("voice 1 of 2: created and deleted")
    assert len(gateway.tasks) == 2
    assert "MARKED" not in output


def test_spending_stops_after_an_unknown_outcome(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a create with an unknown outcome, no other create is sent."""
    monkeypatch.setattr("kling_voices._flows.retry.FIRST_DELAY", 0.0)
    gateway = MockGateway(KEY, faults=[Fault("reset_before", operation="create_custom_voice", rate=1.0)])
    assert _run(gateway, "--spend", "5", "--voice-url", URL) == 1
    output = capsys.readouterr().out
    assert output.count("OutcomeUnknownError, outcome unknown") == 1


@pytest.mark.parametrize(
    "options",
    [[], ["--gateway", "nowhere"], ["--gateway", "kkiai", "--spend", "1"], ["--gateway", "kkiai", "--rate", "0"]],
)
def test_invalid_input(options: list[str]) -> None:
    """Missing or invalid options end with exit code 2, and nothing is sent."""
    with pytest.raises(SystemExit) as caught:
        live.main(options)
    assert caught.value.code == 2
