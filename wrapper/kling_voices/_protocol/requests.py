"""Building the requests of the typed methods, from generated functions and body classes.

The wrapper names them in code, so mypy reports every operation, field or parameter that a regeneration renames or
removes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_gateway.api.voices import (
    create_custom_voice,
    delete_custom_voice,
    get_custom_voice,
    list_custom_voices,
    list_preset_voices,
)
from kling_gateway.models import CreateCustomVoiceBody, DeleteCustomVoiceBody
from kling_gateway.types import UNSET


def create_voice_request(
    voice_name: str,
    *,
    voice_url: str | None,
    video_id: str | None,
    callback_url: str | None,
    external_task_id: str | None,
    extra_body: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The request that creates a voice. An empty string means absent (T)."""
    body = CreateCustomVoiceBody(
        voice_name=voice_name,
        voice_url=voice_url or UNSET,
        video_id=video_id or UNSET,
        callback_url=callback_url or UNSET,
        external_task_id=external_task_id or UNSET,
    )
    if extra_body:
        body.additional_properties = dict(extra_body)
    return create_custom_voice.build_request(body=body)


def get_task_request(task_id: str) -> dict[str, Any]:
    """The request for one task, by task id or external task id (V)."""
    return get_custom_voice.build_request(id=task_id)


def list_tasks_request(page_size: int, page: int) -> dict[str, Any]:
    """The request for one page of tasks."""
    return list_custom_voices.build_request(page_num=page, page_size=page_size)


def list_presets_request(page_size: int, page: int) -> dict[str, Any]:
    """The request for one page of presets."""
    return list_preset_voices.build_request(page_num=page, page_size=page_size)


def delete_voice_request(voice_id: str) -> dict[str, Any]:
    """The request that deletes a voice."""
    return delete_custom_voice.build_request(body=DeleteCustomVoiceBody(voice_id=voice_id))
