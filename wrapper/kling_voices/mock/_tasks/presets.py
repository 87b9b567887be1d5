"""The preset voices that the mock offers. Their ids and names are invented; Kling's ids and names are unknown (?)."""

from __future__ import annotations

from typing import Any, NamedTuple

from .views import TaskView


class Preset(NamedTuple):
    """A voice that every account can use."""

    voice_id: str
    voice_name: str

    def view(self) -> TaskView:
        """The preset in a task of its own, without an external id and a charge (V)."""
        voices = [voice(self.voice_id, self.voice_name, "kling")]
        task_id = self.voice_id.replace("82", "81", 1)
        return TaskView(task_id, "succeed", "", None, _CREATED_AT, _CREATED_AT, results={"voices": voices})


PRESETS = tuple(Preset(str(820_000_000_000_000_001 + number), f"Preset {number + 1}") for number in range(45))
PRESET_IDS = frozenset(preset.voice_id for preset in PRESETS)
_CREATED_AT = 1_750_000_000.0  # seconds since 1970


def voice(voice_id: str, voice_name: str, owned_by: str) -> dict[str, Any]:
    """A voice, as Kling's older envelope describes it (V)."""
    return {
        "voice_id": voice_id,
        "voice_name": voice_name,
        "trial_url": f"https://mock.invalid/trials/{voice_id}.mp3",
        "owned_by": owned_by,
    }
