"""The preset voices that the mock offers. Their ids and names are made up; Kling's own are unknown (?)."""

from __future__ import annotations

from typing import Any, NamedTuple


class Preset(NamedTuple):
    """A voice that belongs to everyone."""

    voice_id: str
    voice_name: str


PRESETS = tuple(Preset(str(820_000_000_000_000_001 + number), f"Preset {number + 1}") for number in range(45))
_CREATED_AT = 1_750_000_000_000  # milliseconds


def preset_page(number: int, size: int) -> list[dict[str, Any]]:
    """A page of presets, each in a task of its own (V)."""
    return [_described(preset) for preset in PRESETS[(number - 1) * size : number * size]]


def described_voice(voice_id: str, voice_name: str, owned_by: str) -> dict[str, Any]:
    """A voice as the contract describes it."""
    return {
        "voice_id": voice_id,
        "voice_name": voice_name,
        "trial_url": f"https://mock.invalid/trials/{voice_id}.mp3",
        "owned_by": owned_by,
    }


def _described(preset: Preset) -> dict[str, Any]:
    return {
        "task_id": preset.voice_id.replace("82", "81", 1),
        "task_status": "succeed",
        "task_result": {"voices": [described_voice(preset.voice_id, preset.voice_name, "kling")]},
        "created_at": _CREATED_AT,
        "updated_at": _CREATED_AT,
    }
