"""Sends requests and reports each response that deviates from the contract."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
from kling_voices import KlingVoices, KlingVoicesError
from kling_voices._protocol.redaction import redact

from contract_tests.harness.contract import CONTRACT, operation, response_schema
from contract_tests.harness.validation import is_valid

from .probes import Probe

sleep = time.sleep
SHOWN = 600  # characters of a body in a finding


class Finding(NamedTuple):
    """A deviation, with the request and response that show it; without the key and the signatures of URLs."""

    probe: str
    problem: str
    exchange: str


class Connection(NamedTuple):
    """The gateway that receives the probes."""

    http: httpx.Client
    base_url: str
    key: str
    interval: float  # seconds between two requests


def send_probes(connection: Connection, probes: list[Probe]) -> Iterator[Finding | str]:
    """Send each probe; yields a line if the response follows the contract, and a finding for each deviation."""
    for number, probe in enumerate(probes):
        if number:
            sleep(connection.interval)
        problems, exchange = _send(connection, probe)
        if not problems:
            yield f"{probe.name}: follows the contract"
        for problem in problems:
            yield Finding(probe.name, problem, redact(exchange, (connection.key,)))


def _send(connection: Connection, probe: Probe) -> tuple[list[str], str]:
    headers = {"Accept": "application/json"}
    if probe.key is not None:
        headers["Authorization"] = f"Bearer {connection.key if probe.key == 'ours' else 'wrong-' + '0' * 24}"
    if probe.content is not None:
        headers["Content-Type"] = "application/json"
    sent = f"{probe.method} {connection.base_url}{probe.path}\n{(probe.content or b'').decode()}".strip()
    try:
        response = connection.http.request(
            probe.method, connection.base_url + probe.path, headers=headers, content=probe.content
        )
    except httpx.HTTPError as error:
        return [f"no response: {type(error).__name__}: {error}"], sent
    exchange = f"{sent}\n→ {response.status_code} {response.headers.get('content-type', '')}\n{response.text[:SHOWN]}"
    return list(_problems(probe, response)), exchange


def _problems(probe: Probe, response: httpx.Response) -> Iterator[str]:
    if response.status_code not in probe.statuses:
        expected = ", ".join(str(status) for status in sorted(probe.statuses))
        yield f"the status is {response.status_code}, expected {expected}"
    try:
        body = response.json()
    except ValueError:
        yield "the body is not JSON"
        return
    code = body.get("code") if isinstance(body, dict) else None
    if code not in probe.codes:
        yield f"the code is {code!r}, expected one of {sorted(probe.codes)}"
    described = operation(probe.operation_id)["responses"]
    status = str(response.status_code) if str(response.status_code) in described else "default"
    if not is_valid(CONTRACT, response_schema(probe.operation_id, status), body):
        yield f"the body is not valid by the contract for status {status}"


def create_voices(client: KlingVoices, voices: int, voice_url: str) -> Iterator[Finding | str]:
    """Create voices, wait for each and delete it. Each create is charged."""
    for number in range(1, voices + 1):
        name = f"voice {number} of {voices}"
        try:
            task = client.create_and_wait("contract", voice_url=voice_url)
            if task.voice is None or task.voice.voice_id is None:
                yield Finding(name, "the task succeeded without a voice", _shown(task.raw))
                continue
            if not is_valid(CONTRACT, response_schema("get_custom_voice"), task.raw):
                yield Finding(name, "the task is not valid by the contract", _shown(task.raw))
            client.delete_voice(task.voice.voice_id)
            yield f"{name}: created and deleted"
        except KlingVoicesError as error:
            yield Finding(name, f"{type(error).__name__}, outcome {error.outcome}", redact(str(error)))
            if error.outcome == "unknown":
                return  # because the cost of this create is unknown


def _shown(raw: Any) -> str:
    return redact(json.dumps(raw, ensure_ascii=False))[:SHOWN]
