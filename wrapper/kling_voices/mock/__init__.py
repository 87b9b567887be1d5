"""A mock gateway that serves the compiled contract: in process, as an ASGI app, and over HTTP.

    from kling_voices.mock import MockGateway

    gateway = MockGateway()
    http = httpx.Client(transport=httpx.MockTransport(gateway.handle))
    client = KlingVoices("mock-key", gateway="mock", http_client=http)

It needs the extra `mock`: `pip install 'kling-voices[mock]'`.
"""

from ._clock import VirtualClock
from ._faults import Fault
from ._gateway import MockGateway
from ._shapes import SHAPES
from ._tasks.task import Callback, MockTask

__all__ = ["SHAPES", "Callback", "Fault", "MockGateway", "MockTask", "VirtualClock"]
