"""openapi-core validates every request and response of a session with the mock gateway."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from kling_voices.mock import Fault, MockGateway

from contract_tests.harness.contract import CONTRACT
from contract_tests.independent.session import (
    Exchange,
    Recording,
    call_everything,
    make_rejected_requests,
    use_typed_methods,
)
from tests.support.repository import GENERATED

BASE_URL = "http://mock.example"
SCRIPT = Path(__file__).with_name("validate_with_openapi_core.py")


def _interpreter() -> str:
    """A Python interpreter that can import openapi-core; skips the test if there is none."""
    if "OPENAPI_CORE_PYTHON" in os.environ:
        return os.environ["OPENAPI_CORE_PYTHON"]
    if importlib.util.find_spec("openapi_core") is None:
        pytest.skip(
            "openapi-core is not installed; install it in another environment with `pip install openapi-core`, and set "
            "OPENAPI_CORE_PYTHON to the Python interpreter of that environment"
        )
    return sys.executable


def _as_data(exchange: Exchange) -> dict[str, object]:
    request, response = exchange
    return {
        "method": request.method,
        "path": request.url.path,
        "query": dict(request.url.params),
        "request_headers": dict(request.headers),
        "request_body": request.content.decode(),
        "status": response.status_code,
        "response_content_type": response.headers["content-type"],
        "response_body": response.text,
    }


def _problems(interpreter: str, recording: Recording) -> list[str]:
    exchanges = json.dumps([_as_data(exchange) for exchange in recording.exchanges])
    command = [interpreter, str(SCRIPT), str(GENERATED / "kling_gateway" / "contract.json")]
    done = subprocess.run(command, input=exchanges, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def test_all_exchanges_are_valid() -> None:
    """Every request of the SDK and every response of the mock gateway is valid, for all operations."""
    interpreter = _interpreter()
    with Recording(httpx.MockTransport(MockGateway(creation_seconds=0).handle)) as recording:
        client = recording.client(BASE_URL)
        call_everything(client)
        use_typed_methods(client)
        make_rejected_requests(client)
    assert len(recording.exchanges) >= 10
    assert _problems(interpreter, recording) == []


def test_an_invalid_response_is_noticed() -> None:
    """A response that the contract does not describe is a problem: the test above can fail."""
    interpreter = _interpreter()
    gateway = MockGateway(faults=[Fault("shape_before", shape="200 list")])
    with Recording(httpx.MockTransport(gateway.handle)) as recording:
        path = next(path for path, item in CONTRACT["paths"].items() if "get" in item and "{" not in path)
        recording.http.get(BASE_URL + path, headers={"authorization": "Bearer mock-key"})
    assert len(_problems(interpreter, recording)) == 1
