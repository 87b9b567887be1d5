"""Staging: a private, temporary address from which a gateway can fetch a local recording.

    from kling_voices import KlingVoices
    from kling_voices.staging import Stage

    with KlingVoices(gateway="kkiai") as client, Stage("s3://bucket/voices") as stage:
        task = client.create_and_wait("Ada", voice_url=stage.put("ada.wav"))

It needs the extra `stage`: `pip install 'kling-voices[stage]'`.
"""

from __future__ import annotations

from ._stage import Stage, delete

__all__ = ["Stage", "delete"]
