"""Kling custom voices on the chainhub and kkiai gateways.

    from kling_voices import KlingVoices

    with KlingVoices(gateway="kkiai") as client:
        task = client.create_and_wait("Ada", voice_url="https://cdn.example.com/ada.mp3")
        print(task.voice.voice_id)

Where a docstring gives a letter, it is how well the rule is known: S stated in a supplied document, V stated by Kling,
L measured live by third parties, G seen in gateways of the same family, T told by another reseller, ? unknown.
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
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
from .models import Voice, VoiceTask

if TYPE_CHECKING:
    from ._gateways import Gateway
    from .client import AsyncKlingVoices, KlingVoices

__all__ = [
    "APIError",
    "AsyncKlingVoices",
    "AuthenticationError",
    "BadRequestError",
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
    "VoiceTask",
    "WaitTimeoutError",
]

# These need httpx, which takes longer to import than all the rest: a program that shows its help need not wait for it.
_LATE = {"AsyncKlingVoices": ".client", "Gateway": "._gateways", "KlingVoices": ".client"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_LATE[name], __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


logging.getLogger("kling_voices").addHandler(logging.NullHandler())  # what is logged is for who listens
