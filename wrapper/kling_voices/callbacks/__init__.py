"""Callbacks: reading one, and an ASGI app that receives them.

    from kling_voices.callbacks import CallbackApp, read

Do not trust a callback: anyone who knows the URL can send one, and a gateway may drop, delay or repeat it (G).
`CallbackApp` therefore queries the gateway, and passes the task from the gateway's response to your function.
Signatures and the command `kling-voices listen` need the extra `callbacks`: `pip install 'kling-voices[callbacks]'`.
"""

from ._app import CallbackApp
from ._headers import CallbackHeaders
from ._queue import CallbackStore, Claim, QueuedCallback
from ._read import Callback, read
from ._sqlite import SQLiteStore

__all__ = [
    "Callback",
    "CallbackApp",
    "CallbackHeaders",
    "CallbackStore",
    "Claim",
    "QueuedCallback",
    "SQLiteStore",
    "read",
]
