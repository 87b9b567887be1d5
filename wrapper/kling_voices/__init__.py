"""Kling custom voices on the chainhub and kkiai gateways.

    from kling_voices import KlingVoices

    with KlingVoices(gateway="kkiai") as client:
        task = client.create_and_wait("Ada", voice_url="https://cdn.example.com/ada.mp3")
        print(task.voice.voice_id)

A letter in a docstring says how well a rule is known: S stated in a supplied document, V stated by Kling, L measured
live by third parties, G seen in the source of similar gateways, T documented by another reseller, ? unknown.
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    CallbackError,
    ConnectionFailedError,
    ContentPolicyError,
    InvalidInputError,
    KlingVoicesError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitError,
    ServerError,
    UnexpectedResponseError,
    VoiceCreationFailedError,
    WaitTimeoutError,
)
from .models import Charge, Voice, VoiceTask

if TYPE_CHECKING:
    from ._bulk.models import BatchProgress, VoiceRequest, VoiceResult
    from ._http.clients import aiohttp_client
    from ._http.endpoint import Gateway
    from .client import AsyncKlingVoices, KlingVoices

__all__ = [
    "APIError",
    "AsyncKlingVoices",
    "AuthenticationError",
    "BadRequestError",
    "BatchProgress",
    "CallbackError",
    "Charge",
    "ConnectionFailedError",
    "ContentPolicyError",
    "Gateway",
    "InvalidInputError",
    "KlingVoices",
    "KlingVoicesError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PermissionDeniedError",
    "QuotaExceededError",
    "RateLimitError",
    "ServerError",
    "UnexpectedResponseError",
    "Voice",
    "VoiceCreationFailedError",
    "VoiceRequest",
    "VoiceResult",
    "VoiceTask",
    "WaitTimeoutError",
    "aiohttp_client",
]

# Imported when they are first used: most need httpx, which takes longer to import than everything else.
_LAZY = {
    "AsyncKlingVoices": ".client",
    "BatchProgress": "._bulk.models",
    "Gateway": "._http.endpoint",
    "KlingVoices": ".client",
    "VoiceRequest": "._bulk.models",
    "VoiceResult": "._bulk.models",
    "aiohttp_client": "._http.clients",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(_LAZY[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


logging.getLogger("kling_voices").addHandler(logging.NullHandler())  # silent unless the application configures logging
