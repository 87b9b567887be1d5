"""The requests to a real gateway. None of them can be charged."""

from __future__ import annotations

import json
import uuid
from typing import NamedTuple

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.operations import read_operations

_PATHS = {operation.name: operation.path for operation in read_operations(CONTRACT)}
CREATE = _PATHS["create_custom_voice"]
PRESETS = _PATHS["list_preset_voices"]


class Probe(NamedTuple):
    """A request, and the statuses and codes that are allowed in response."""

    name: str
    operation_id: str
    method: str
    path: str
    statuses: frozenset[int]
    codes: frozenset[int]
    content: bytes | None = None
    key: str | None = "ours"  # "ours", a wrong one, or None for no key at all


def free_probes() -> list[Probe]:
    """Reads, and creates that no gateway can accept, because they name no audio."""
    unknown_id = str(uuid.uuid4())
    rejected, unauthorized = frozenset({400}), frozenset({401})
    invalid, key_codes = frozenset({1200, 1201}), frozenset(range(1000, 1005))

    def create(name: str, body: object) -> Probe:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Probe(name, "create_custom_voice", "POST", CREATE, rejected, invalid, content)

    return [
        Probe(
            "presets", "list_preset_voices", "GET", f"{PRESETS}?pageNum=1&pageSize=5", frozenset({200}), frozenset({0})
        ),
        Probe("page 0", "list_preset_voices", "GET", f"{PRESETS}?pageNum=0", rejected, invalid),
        Probe(
            "a task that cannot exist", "get_custom_voice", "GET", f"{CREATE}/{unknown_id}", rejected, frozenset({1201})
        ),
        create("no source", {"voice_name": "contract"}),
        create("empty sources", {"voice_name": "contract", "voice_url": "", "video_id": ""}),
        create("no name and no source", {}),
        create("a long name and no source", {"voice_name": "x" * 21}),
        create("not JSON", b'{"voice_name": '),
        Probe("a wrong key", "list_preset_voices", "GET", PRESETS, unauthorized, key_codes, key="wrong"),
        Probe("no key", "list_preset_voices", "GET", PRESETS, unauthorized, key_codes, key=None),
    ]
