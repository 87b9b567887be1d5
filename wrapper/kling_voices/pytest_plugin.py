"""The pytest plugin: the fixture `kling_gateway`. It needs the extra `mock`; pytest finds it by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .mock import MockGateway, VirtualClock

MARKER = (
    "kling_gateway(**options): arguments of the MockGateway of the fixture kling_gateway, such as creation_seconds=60"
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def kling_clock() -> VirtualClock:
    """The clock of the fixture `kling_gateway`. It starts at the current time; sleeping and `advance()` move it."""
    from .mock import VirtualClock  # noqa: PLC0415 - slow to import, and only some tests need it

    return VirtualClock(time.time())


@pytest.fixture
def kling_gateway(request: pytest.FixtureRequest, kling_clock: VirtualClock) -> Iterator[MockGateway]:
    """A mock gateway that every client of `kling_voices` in this process uses during the test.

    This works for any key, gateway, base URL, `http_client` and clock in the code under test, for synchronous and
    asynchronous clients, and in any thread or event loop. Nothing is sent to a network, and no key is needed. No client
    sleeps: a delay advances the clock of the fixture `kling_clock`.

    - `kling_gateway.tasks` lists every create that was accepted. A real gateway would have charged each of them.
    - `kling_gateway.misbehave(Fault(…))` switches a fault on.
    - `@pytest.mark.kling_gateway(creation_seconds=60)` passes arguments to `kling_voices.mock.MockGateway`.
    """
    from ._http.override import override_gateways  # noqa: PLC0415 - see above
    from .mock import MockGateway  # noqa: PLC0415

    options: dict[str, Any] = {"clock": kling_clock}
    for marker in reversed(list(request.node.iter_markers("kling_gateway"))):  # the closest one comes last
        if marker.args:
            pytest.fail("the marker kling_gateway takes keyword arguments only", pytrace=False)
        options.update(marker.kwargs)
    gateway = MockGateway(**options)
    with override_gateways(gateway.handle, options["clock"], options.get("api_key", "mock-key")):
        yield gateway
