"""Clients, contract and mock gateway accept the same request bodies; every difference is listed with its reason."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from kling_voices import InvalidInputError, KlingVoices
from kling_voices.mock import MockGateway, VirtualClock

from contract_tests.harness.boundary import valid_request
from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.near_misses import near_misses
from contract_tests.harness.operations import EXTERNAL_ID, Operation, read_operations, read_task_kinds
from contract_tests.harness.samples import sample_response, samples
from contract_tests.harness.strategies import argument_name, matching
from contract_tests.harness.validation import is_valid
from tests.support.clients import open_client
from tests.support.hypothesis_profiles import amount, examples_up_to, is_quick

FIELDS = ("voice_name", "voice_url", "video_id", "callback_url", "external_task_id")
OPERATIONS = {each.name: each for each in read_operations(CONTRACT) if each.body}
CREATE = OPERATIONS["create_custom_voice"]
TASK_KINDS = {kind.name for kind in read_task_kinds(CONTRACT)}

_ADDRESSES = (
    "https://example.com/ada.mp3",
    "HTTPS://EXAMPLE.COM/ADA.WAV",
    "http://example.com/ada",
    "https://example.com/ada.ogg",
    "https://example.com/a da.mp3",
    "https://example.com:99999/ada.mp3",
    "https://example.com\u00a0.mp3",
    "https://[bad/ada.mp3",
    "https://@/ada.mp3",
    "ftp://example.com/ada.mp3",
    "https:///ada.mp3",
    "https://?x",
    "example.com/ada.mp3",
    "x",
)
_URLS = st.sampled_from(_ADDRESSES)
_ANYTHING: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.just([]) | st.just({}) | st.text(max_size=3)
)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "voice_name": st.text(max_size=25) | st.just("Ada") | _ANYTHING,
    "voice_url": _URLS | st.just("") | _ANYTHING,
    "video_id": st.sampled_from(["830460928805724256", ""]) | _ANYTHING,
    "callback_url": _URLS | st.just("") | _ANYTHING,
    "external_task_id": st.sampled_from(["order-1", "", ".", ".."]) | _ANYTHING,
    "language": _ANYTHING,
}
_SOURCES = st.sampled_from([{"voice_url": "https://example.com/ada.mp3"}, {"video_id": "830460928805724256"}])

# Half of the bodies have only one field that may be invalid, because a second error hides the first.
_BODIES = st.one_of(
    st.fixed_dictionaries(
        {"voice_name": _VALUES["voice_name"]},
        optional={name: _VALUES[name] for name in _VALUES if name != "voice_name"},
    ),
    st.builds(
        lambda source, field: {"voice_name": "Ada", **source, **field},
        _SOURCES,
        st.sampled_from(sorted(_VALUES)).flatmap(lambda name: st.fixed_dictionaries({name: _VALUES[name]})),
    ),
)

# Where the client differs from contract and mock gateway, and why. Each difference must occur in some generated body.
CLIENT_REJECTS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "a file extension that is not supported": (
        "the gateway would notice only after it accepted the create (S); the contract checks scheme and host",
        lambda body: ".ogg" in str(body.get("voice_url")),
    ),
    "an invalid URL": (
        "a port out of range, a space, an open bracket; the contract checks scheme and host",
        lambda body: any(
            part in f"{body.get('voice_url')} {body.get('callback_url')}"
            for part in ("a da", ":99999", "[bad", "//@/", "\u00a0")
        ),
    ),
    "an external id that cannot be a path segment": (
        "`.` and `..` are removed from paths, so the task could not be queried",
        lambda body: body.get("external_task_id") in {".", ".."},
    ),
}
CLIENT_CORRECTS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "None means absent": (
        "an optional argument that is None is not sent; the contract does not allow null",
        lambda body: any(name in body and body[name] is None for name in FIELDS[1:]),
    ),
}


# Python's regular expressions count these as white space; those of ECMAScript, which OpenAPI prescribes, do not, or the
# other way round. The reference validator uses the first, the mock gateway the second.
_AMBIGUOUS_SPACES = re.compile(r"\\u(001[c-f]|0085|feff)")  # in JSON text


def _client_accepts(body: dict[str, Any]) -> bool:
    sent = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json={"voice_name": "x"})

    arguments = {name: body[name] for name in FIELDS[1:] if name in body}
    extra = {name: value for name, value in body.items() if name not in FIELDS}
    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        client = KlingVoices("k", gateway="kkiai", http_client=http)
        try:
            client.create_voice(body["voice_name"], **arguments, extra_body=extra or None)
        except InvalidInputError:
            assert sent == []
            return False
    assert _contract_accepts(CREATE, sent[0]), "the client sent an invalid body"
    return True


def _contract_accepts(operation: Operation, body: Any) -> bool:
    assert operation.body is not None
    return is_valid(CONTRACT, operation.body.schema, body)


def _mock_status(operation: Operation, body: Any) -> int:
    request = valid_request(operation)
    headers = {**request.headers, "content-type": "application/json"}
    content = json.dumps(body).encode()
    sent = httpx.Request(operation.method, f"http://mock{request.path}", headers=headers, content=content)
    return MockGateway(clock=VirtualClock()).handle(sent).status_code


def test_typed_client_contract_and_mock_agree() -> None:
    """For any body of a create: contract and mock agree, and the client with both, except for listed differences."""
    met: Counter[str] = Counter()
    sides: Counter[bool] = Counter()

    @settings(max_examples=amount(300, 3_000))
    @given(_BODIES)
    def check(body: dict[str, Any]) -> None:
        by_contract, by_client = _contract_accepts(CREATE, body), _client_accepts(body)
        assert by_contract == (_mock_status(CREATE, body) == CREATE.success_status)
        sides[by_contract] += 1
        if by_client == by_contract:
            return
        table = CLIENT_CORRECTS if by_client else CLIENT_REJECTS
        reasons = [name for name, (_, applies) in table.items() if applies(body)]
        assert reasons, "a difference that is not listed"
        met.update(reasons)

    for address in _ADDRESSES:  # each certainly occurs, as a source and as a callback
        check = example({"voice_name": "Ada", "voice_url": address})(check)
        check = example({"voice_name": "Ada", "video_id": "1", "callback_url": address})(check)
    check()
    assert met.keys() == CLIENT_REJECTS.keys() | CLIENT_CORRECTS.keys(), "a listed difference that does not occur"
    assert min(sides[True], sides[False]) > 50, sides


def _sent_by_call(operation: Operation, body: Any) -> Any:
    """The body that `call` sends; None if it rejects the body."""
    sent: list[Any] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content or b"null"))
        return httpx.Response(operation.success_status, json=sample_response(operation))

    arguments = dict.fromkeys(operation.parameters_in("path"), "830460928805724256")
    for name, parameter in operation.parameters_in("query").items():
        if parameter.get("required"):
            arguments[argument_name(name)] = next(samples(CONTRACT, parameter["schema"]))
    with open_client("sync", handler) as call:
        try:
            call("call", operation.name, body=body, **arguments)
        except InvalidInputError:
            assert sent == []
            return None
    return sent[0]


@pytest.mark.parametrize("name", OPERATIONS)
def test_call_contract_and_mock_agree(name: str) -> None:
    """For any valid or nearly valid body of any operation: contract and mock agree, and `call` sends it unchanged."""
    operation, sides = OPERATIONS[name], Counter[bool]()
    assert operation.body is not None
    valid_bodies = matching(operation, operation.body.schema)

    @examples_up_to(60)
    @given(valid_bodies | near_misses(valid_bodies))
    def check(body: Any) -> None:
        assume(not _AMBIGUOUS_SPACES.search(json.dumps(body)))
        by_contract, status = _contract_accepts(operation, body), _mock_status(operation, body)
        sides[by_contract] += 1
        # A valid body can name something that does not exist, such as a voice; a create of a task cannot.
        allowed = {operation.success_status} if name in TASK_KINDS else {operation.success_status, 400, 403}
        assert status in (allowed if by_contract else {400})
        sent = _sent_by_call(operation, body) if isinstance(body, dict) else None
        if sent is not None and isinstance(sent, dict):
            is_id_added = name in TASK_KINDS and not body.get(EXTERNAL_ID)
            assert sent == ({**body, EXTERNAL_ID: sent[EXTERNAL_ID]} if is_id_added else body)
        else:
            assert not by_contract or _has_unusable_id(body), "`call` rejects a body that the contract allows"

    check()
    # Nearly valid bodies are seldom invalid if a page gives no bounds and requires no field.
    assert min(sides[True], sides[False]) >= (0 if is_quick() else 5), sides


def _has_unusable_id(body: Any) -> bool:
    return isinstance(body, dict) and body.get(EXTERNAL_ID) in {".", ".."}
