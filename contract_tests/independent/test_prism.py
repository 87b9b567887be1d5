"""Prism takes the place of the gateway, with generated and with static responses, and validates the mock gateway."""

from __future__ import annotations

import pytest
from kling_voices.mock import Fault, MockGateway

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.operations import read_operations
from contract_tests.independent.session import Recording, call_everything, make_rejected_requests, use_typed_methods
from contract_tests.independent.tools import find_tool, prism
from tests.support.repository import GENERATED
from tests.support.servers import serve

DOCUMENT = str(GENERATED / "kling_gateway" / "contract.json")


def _violations(recording: Recording) -> list[str]:
    """The violations of the contract that Prism reports in a response header."""
    return [
        f"{each.request.method} {each.request.url.path}: {violations}"
        for each in recording.exchanges
        if (violations := each.response.headers.get("sl-violations"))
    ]


@pytest.mark.parametrize("mode", ["static", "dynamic"])
def test_the_sdk_works_with_prism_as_gateway(mode: str) -> None:
    """Every operation returns data, and the typed methods return tasks and voices; Prism finds no violation."""
    find_tool("prism")
    with Recording() as recording, prism("mock", DOCUMENT, *(["--dynamic"] if mode == "dynamic" else [])) as base_url:
        client = recording.client(base_url)
        assert call_everything(client).keys() == {operation.name for operation in read_operations(CONTRACT)}
        use_typed_methods(client)
    assert _violations(recording) == []


def test_prism_finds_no_violation_by_the_mock_gateway() -> None:
    """As a validating proxy in front of the mock gateway, Prism finds no violation in a session of all operations."""
    find_tool("prism")
    with (
        Recording() as recording,
        serve(MockGateway(creation_seconds=0)) as upstream,
        prism("proxy", DOCUMENT, upstream) as base_url,
    ):
        client = recording.client(base_url)
        call_everything(client)
        use_typed_methods(client)
        make_rejected_requests(client)
    assert _violations(recording) == []
    assert len(recording.exchanges) >= 10


def test_prism_notices_a_violation() -> None:
    """A gateway that responds with HTML violates the contract, and Prism reports it. So the test above can fail."""
    find_tool("prism")
    gateway = MockGateway(faults=[Fault("shape_before", shape="200 empty object")])
    with (
        Recording() as recording,
        serve(gateway) as upstream,
        prism("proxy", DOCUMENT, upstream) as base_url,
    ):
        recording.http.get(f"{base_url}{_path('list_custom_voices')}", headers={"authorization": "Bearer mock-key"})
    assert _violations(recording) != []


def _path(name: str) -> str:
    return next(operation.path for operation in read_operations(CONTRACT) if operation.name == name)
