"""Checking recordings, compared with FFmpeg's programs, and staging them, compared with boto3."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from .measure import Comparison, Skipped, compare_alternately, elapsed_time

_FILES = 10
_SECONDS = 20
_BYTES = 1_000_000
_URL = "s3://bucket/voices"


def compare(rounds: int) -> Iterator[Comparison | Skipped]:
    """All comparisons of recordings."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _compare_checks(Path(folder), rounds)
        yield from _compare_staging(Path(folder), rounds)


def _compare_checks(folder: Path, rounds: int) -> Iterator[Comparison | Skipped]:
    what = f"check of an MP3 file of {_SECONDS} s, without speech"
    try:
        from kling_voices import audio

        from tests.support.recordings import tone, write
    except ImportError as error:
        yield Skipped(what, "ffprobe", f"{error.name} is not installed")
        return
    samples = tone(_SECONDS, 44_100)
    files = [write(folder / f"{number}.mp3", samples, rate=44_100, channels=2) for number in range(_FILES)]
    check = elapsed_time(lambda: [audio.check(file, speech=False) for file in files])
    with_speech = elapsed_time(lambda: [audio.check(file) for file in files])
    header = ("ffprobe", "-v", "error", "-show_format", "-show_streams")
    loudness = ("ffmpeg", "-hide_banner", "-nostats", "-i")
    measured = ("-filter:a", "ebur128=peak=true", "-f", "null", "-")
    for ours, against, bound, before, after in (
        (check, "ffprobe, which reads the header", None, header, ()),
        (check, "ffmpeg with ebur128, which decodes and measures", 1.5, loudness, measured),
        (with_speech, "ffmpeg with ebur128, without speech", None, loudness, measured),
    ):
        title = what if ours is check else what.replace("without", "with")
        if shutil.which(before[0]) is None:
            yield Skipped(title, against, f"{before[0]} is not installed")
            continue
        theirs = elapsed_time(partial(_run_for_each, files, before, after))
        yield compare_alternately(title, against, bound, ours, theirs, rounds=rounds, calls=_FILES)


def _run_for_each(files: list[Path], before: tuple[str, ...], after: tuple[str, ...]) -> None:
    for file in files:
        subprocess.run([*before, str(file), *after], check=True, capture_output=True)


def _compare_staging(folder: Path, rounds: int) -> Iterator[Comparison | Skipped]:
    what, against = (
        "staging of 1 MB: upload, sign, delete",
        "boto3: upload, presign, delete",
    )
    try:
        import boto3
        import nanio  # noqa: F401 - the server of the next import
        from botocore.config import Config
        from kling_voices.staging import Stage

        from tests.support.object_store import running_store
    except ImportError as error:
        yield Skipped(what, against, f"{error.name} is not installed")
        return
    files = [folder / f"{number}.wav" for number in range(_FILES)]
    for file in files:
        file.write_bytes(os.urandom(_BYTES))
    with running_store(folder / "s3") as store, mock.patch.dict(os.environ, store.environment):
        client: Any = boto3.client("s3", endpoint_url=store.endpoint, config=Config(signature_version="s3v4"))

        def stage_all() -> None:
            with Stage(_URL) as stage:
                for file in files:
                    stage.put(file)

        def boto3_all() -> None:
            names = [f"voices/{file.name}" for file in files]
            for file, name in zip(files, names, strict=True):
                with file.open("rb") as content:
                    client.upload_fileobj(content, "bucket", name)
                client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": name}, ExpiresIn=3600)
            client.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": name} for name in names]})

        yield compare_alternately(
            what, against, 1.25, elapsed_time(stage_all), elapsed_time(boto3_all), rounds=rounds, calls=_FILES
        )
