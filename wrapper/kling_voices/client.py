"""The two clients, `KlingVoices` and `AsyncKlingVoices`."""

from ._async_client import AsyncKlingVoices
from ._sync_client import KlingVoices

__all__ = ["AsyncKlingVoices", "KlingVoices"]
