"""Creating a voice, with or without waiting for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from .._protocol.requests import create_voice_request
from .._protocol.tasks import parse_task
from ..errors import InvalidInputError
from ..models import VoiceTask
from . import validation
from .paid_create import send_create
from .send import CallContext
from .steps import Flow
from .task_kind import VOICES
from .wait import wait_for_created


def create_request(
    voice_name: str,
    *,
    voice_url: str | None,
    video_id: str | None,
    callback_url: str | None,
    external_task_id: str | None,
    extra_body: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The request of a create. Raises InvalidInputError if an argument is invalid."""
    try:
        validation.validate_voice_name(voice_name)
        validation.validate_source(voice_url, video_id)
        validation.validate_callback_url(callback_url)
        validation.validate_external_task_id(external_task_id)
        validation.validate_extra_body(extra_body)
    except InvalidInputError as problem:  # every error of a create has its id
        problem.external_task_id = external_task_id if isinstance(external_task_id, str) else None
        raise
    return create_voice_request(
        voice_name,
        voice_url=voice_url,
        video_id=video_id,
        callback_url=callback_url,
        external_task_id=external_task_id,
        extra_body=extra_body,
    )


def create_voice(
    context: CallContext,
    voice_name: str,
    *,
    voice_url: str | None,
    video_id: str | None,
    callback_url: str | None,
    external_task_id: str | None,
    extra_body: Mapping[str, Any] | None,
) -> Flow[VoiceTask]:
    """The flow of the clients' `create_voice`."""
    request = create_request(
        voice_name,
        voice_url=voice_url,
        video_id=video_id,
        callback_url=callback_url,
        external_task_id=external_task_id,
        extra_body=extra_body,
    )
    return (yield from send_create(context, request, partial(parse_task, sent=request["json"]), VOICES))


def create_and_wait(
    context: CallContext,
    voice_name: str,
    *,
    voice_url: str | None,
    video_id: str | None,
    callback_url: str | None,
    external_task_id: str | None,
    extra_body: Mapping[str, Any] | None,
    timeout: float,
    on_update: Callable[[VoiceTask], object] | None,
) -> Flow[VoiceTask]:
    """The flow of the clients' `create_and_wait`."""
    validation.validate_wait(timeout, on_update)
    task = yield from create_voice(
        context,
        voice_name,
        voice_url=voice_url,
        video_id=video_id,
        callback_url=callback_url,
        external_task_id=external_task_id,
        extra_body=extra_body,
    )
    return (yield from wait_for_created(context, task, VOICES, timeout=timeout, on_update=on_update))
