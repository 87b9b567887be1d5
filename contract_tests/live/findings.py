"""Send probes, and report where an answer deviates from the contract: a fact to learn, and not a stack trace."""

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

rest = time.sleep
SHOWN = 600  # characters of a body in a finding


class Finding(NamedTuple):
    """One deviation, with the exchange that shows it; without the key and what URLs are signed with."""

    probe: str
    what: str
    exchange: str


class Gateway(NamedTuple):
    """Where the probes go."""

    http: httpx.Client
    base_url: str
    key: str
    pause: float  # seconds between two requests


def examine(gateway: Gateway, probes: list[Probe]) -> Iterator[Finding | str]:
    """A line for each probe that was answered as foreseen, and a finding for each that was not."""
    for number, probe in enumerate(probes):
        if number:
            rest(gateway.pause)
        complaints, exchange = _answered(gateway, probe)
        if not complaints:
            yield f"{probe.name}: as the contract says"
        for complaint in complaints:
            yield Finding(probe.name, complaint, redact(exchange, (gateway.key,)))


def _answered(gateway: Gateway, probe: Probe) -> tuple[list[str], str]:
    headers = {"Accept": "application/json"}
    if probe.key is not None:
        headers["Authorization"] = f"Bearer {gateway.key if probe.key == 'ours' else 'wrong-' + '0' * 24}"
    if probe.content is not None:
        headers["Content-Type"] = "application/json"
    sent = f"{probe.method} {gateway.base_url}{probe.path}\n{(probe.content or b'').decode()}".strip()
    try:
        answer = gateway.http.request(
            probe.method, gateway.base_url + probe.path, headers=headers, content=probe.content
        )
    except httpx.HTTPError as error:
        return [f"no answer: {type(error).__name__}: {error}"], sent
    exchange = f"{sent}\n→ {answer.status_code} {answer.headers.get('content-type', '')}\n{answer.text[:SHOWN]}"
    return list(_complaints(probe, answer)), exchange


def _complaints(probe: Probe, answer: httpx.Response) -> Iterator[str]:
    if answer.status_code not in probe.statuses:
        foreseen = ", ".join(str(status) for status in sorted(probe.statuses))
        yield f"the status is {answer.status_code}, foreseen is {foreseen}"
    try:
        body = answer.json()
    except ValueError:
        yield "the body is not JSON"
        return
    code = body.get("code") if isinstance(body, dict) else None
    if code not in probe.codes:
        yield f"the code is {code!r}, foreseen is one of {sorted(probe.codes)}"
    described = operation(probe.operation_id)["responses"]
    status = str(answer.status_code) if str(answer.status_code) in described else "default"
    if not is_valid(CONTRACT, response_schema(probe.operation_id, status), body):
        yield f"the body is not what the contract describes for {status}"


def spend(client: KlingVoices, voices: int, voice_url: str) -> Iterator[Finding | str]:
    """Create so many voices, wait for each, and delete it; each create is charged."""
    for number in range(1, voices + 1):
        name = f"voice {number} of {voices}"
        try:
            task = client.create_and_wait("contract", voice_url=voice_url)
            if task.voice is None or task.voice.voice_id is None:
                yield Finding(name, "the task has succeeded and names no voice", _shown(task.raw))
                continue
            if not is_valid(CONTRACT, response_schema("get_custom_voice"), task.raw):
                yield Finding(name, "the task is not what the contract describes", _shown(task.raw))
            client.delete_voice(task.voice.voice_id)
            yield f"{name}: made and deleted"
        except KlingVoicesError as error:
            yield Finding(name, f"{type(error).__name__}, outcome {error.outcome}", redact(str(error)))
            if error.outcome == "unknown":
                return  # not another one, while nobody knows what this one costs


def _shown(raw: Any) -> str:
    return redact(json.dumps(raw, ensure_ascii=False))[:SHOWN]
