"""A failed check as a pytest file that sends the same request again."""

from __future__ import annotations

from contract_tests.harness.provider import Failure

_FILE = '''\
"""{operation_id}: {check}. Run with `pytest {name}`; key and base URL are read from KLING_API_KEY and KLING_GATEWAY."""

import os

import httpx

from kling_voices.mock import MockGateway

KEY = os.environ.get("KLING_API_KEY", "mock-key")
BASE_URL = os.environ.get("KLING_GATEWAY", "")  # empty: a mock gateway in this process


def test_the_request_again() -> None:
    """{summary}"""
    transport = None if BASE_URL else httpx.MockTransport(MockGateway(KEY).handle)
    with httpx.Client(transport=transport, base_url=BASE_URL or "http://mock") as http:
        answer = http.request(
            {method!r},
            {path!r},
            headers={{**{headers!r}, "Authorization": f"Bearer {{KEY}}"}},
            content={body!r}.encode(),
        )
    print(answer.status_code, answer.text)
    raise AssertionError({message!r})
'''


def replay(failure: Failure, name: str) -> str:
    """The text of the file."""
    summary = " ".join(failure.message.split())[:200].replace('"', "'").replace("\\", "/")
    return _FILE.format(**failure._asdict(), name=name, summary=summary)
