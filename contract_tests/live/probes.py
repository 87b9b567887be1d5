"""What is sent to a real gateway: by default only what cannot be charged for."""

from __future__ import annotations

import json
import uuid
from typing import NamedTuple

from contract_tests.harness.contract import CONTRACT

CREATE = "/kling/v1/general/custom-voices"
PRESETS = "/kling/v1/general/presets-voices"
DELETE = "/kling/v1/general/delete-voices"


class Probe(NamedTuple):
    """One request, and the answers that the contract foresees."""

    name: str
    operation_id: str
    method: str
    path: str
    statuses: frozenset[int]
    codes: frozenset[int]
    content: bytes | None = None
    key: str | None = "ours"  # "ours", a wrong one, or None for no key at all


def free_probes() -> list[Probe]:
    """Reads, and creates that no gateway could accept: none of them names any audio."""
    nobody = str(uuid.uuid4())  # nobody has ever given this id
    refused, unknown_key = frozenset({400}), frozenset({401})
    invalid, key_codes = frozenset({1200, 1201}), frozenset(range(1000, 1005))

    def create(name: str, body: object) -> Probe:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Probe(name, "create_custom_voice", "POST", CREATE, refused, invalid, content)

    return [
        Probe(
            "presets", "list_preset_voices", "GET", f"{PRESETS}?pageNum=1&pageSize=5", frozenset({200}), frozenset({0})
        ),
        Probe("page 0", "list_preset_voices", "GET", f"{PRESETS}?pageNum=0", refused, invalid),
        Probe("a task that cannot exist", "get_custom_voice", "GET", f"{CREATE}/{nobody}", refused, frozenset({1201})),
        create("no source", {"voice_name": "contract"}),
        create("empty sources", {"voice_name": "contract", "voice_url": "", "video_id": ""}),
        create("no name and no source", {}),
        create("a long name and no source", {"voice_name": "x" * 21}),
        create("not JSON", b'{"voice_name": '),
        Probe("a wrong key", "list_preset_voices", "GET", PRESETS, unknown_key, key_codes, key="wrong"),
        Probe("no key", "list_preset_voices", "GET", PRESETS, unknown_key, key_codes, key=None),
    ]


def base_urls() -> list[str]:
    """The servers that the contract names."""
    return [server["url"] for server in CONTRACT["servers"]]
