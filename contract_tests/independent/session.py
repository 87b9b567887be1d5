"""A session of all operations with the SDK, for tools that look on or that take the place of the gateway."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import httpx
from kling_voices import KlingVoices, NotFoundError, VoiceTask

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.operations import Operation, read_operations
from contract_tests.harness.samples import samples
from contract_tests.harness.strategies import argument_name


class Exchange(NamedTuple):
    """A request and its response."""

    request: httpx.Request
    response: httpx.Response


class Recording:
    """An httpx client that keeps every exchange."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self.exchanges: list[Exchange] = []
        self.http = httpx.Client(transport=transport, trust_env=False, event_hooks={"response": [self._keep]})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.http.close()

    def _keep(self, response: httpx.Response) -> None:
        response.read()
        self.exchanges.append(Exchange(response.request, response))

    def client(self, base_url: str) -> KlingVoices:
        """An SDK client with this httpx client and the key of the mock gateway."""
        return KlingVoices("mock-key", gateway=base_url, http_client=self.http, max_retries=0)


def call_everything(client: KlingVoices) -> dict[str, Any]:
    """Call every operation of the contract once with valid arguments; returns the data by operation."""
    return {
        operation.name: client.call(operation.name, **_arguments(operation)) for operation in read_operations(CONTRACT)
    }


def use_typed_methods(client: KlingVoices) -> VoiceTask:
    """Create, query, list and delete with the typed methods; returns the created task."""
    created = client.create_voice("Ada", voice_url="https://example.com/ada.mp3")
    task = client.get_task(created.query_id or "830460928805724256")
    assert isinstance(task, VoiceTask)
    assert all(isinstance(listed, VoiceTask) for listed in client.list_tasks(page_size=1000))
    assert [voice.voice_id for voice in client.list_presets(page_size=1000)]
    return created


def make_rejected_requests(client: KlingVoices) -> None:
    """A valid request for a task that does not exist."""
    try:
        client.get_task("999999999999999999")
    except NotFoundError:
        return
    raise AssertionError("a task that does not exist was found")


def _arguments(operation: Operation) -> dict[str, Any]:
    arguments: dict[str, Any] = dict.fromkeys(operation.parameters_in("path"), "830000000000000001")
    for name, parameter in operation.parameters_in("query").items():
        if parameter.get("required"):
            arguments[argument_name(name)] = next(samples(CONTRACT, parameter["schema"]))
    if operation.body and operation.body.is_needed:
        arguments["body"] = next(samples(CONTRACT, operation.body.schema))
        if "voice_id" in arguments["body"]:
            arguments["body"]["voice_id"] = "840000000000000001"  # the voice of the first task of the mock gateway
    return arguments
