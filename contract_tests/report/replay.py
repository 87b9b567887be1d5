"""A failed request as a pytest file that sends it again."""

from __future__ import annotations

from contract_tests.harness.recorded_request import KEY, RecordedRequest

_FILE = '''\
"""{title}. Run with `pytest {file}`; key and base URL are read from KLING_API_KEY and KLING_GATEWAY."""

import os

import httpx

from kling_voices.mock import MockGateway

KEY = os.environ.get("KLING_API_KEY", "mock-key")
BASE_URL = os.environ.get("KLING_GATEWAY", "")  # empty: a mock gateway in this process
HEADERS = {headers!r}


def test_the_request_again() -> None:
    """{summary}"""
    transport = None if BASE_URL else httpx.MockTransport(MockGateway(KEY).handle)
    with httpx.Client(transport=transport, base_url=BASE_URL or "http://mock") as http:
        response = http.request(
            {method!r},
            {path!r},
            headers={{name: value.replace({key!r}, KEY) for name, value in HEADERS.items()}},
            content={body!r},
        )
    print(response.status_code, response.text)
    raise AssertionError({message!r})
'''


def replay(sent: RecordedRequest, file: str, *, title: str, message: str) -> str:
    """The text of the file."""
    return _FILE.format(
        **sent._asdict(), file=file, key=KEY, title=_quoted(title), summary=_quoted(message)[:200], message=message
    )


def _quoted(text: str) -> str:
    return " ".join(text.split()).replace('"', "'").replace("\\", "/")
