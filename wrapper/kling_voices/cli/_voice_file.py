"""A local recording as the source of a voice: check it, upload it, and delete the upload afterwards."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from .._flows.validation import validate_voice_name
from ..errors import InvalidInputError
from ._console import print_message
from ._progress import show_progress

VoiceFileOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A local .mp3, .wav, .mp4 or .mov file, instead of a URL; needs --stage.",
        dir_okay=False,
    ),
]
StageOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="KLING_STAGE",
        help="Your object store for local files, such as s3://bucket/voices, gs:// or az://.",
    ),
]


@contextmanager
def staged_voice(
    name: str, file: Path | None, stage_url: str | None, *, other_source: str | None, is_waiting: bool
) -> Iterator[str | None]:
    """The signed URL of a local recording; None if there is no file. Shows a line for each step on a terminal.

    The upload is deleted at the end, also after a failure or Ctrl-C. It stays if the gateway may still fetch it: after
    a create without waiting, an unknown outcome, a wait that timed out, or an interrupted create.

    Raises:
        InvalidInputError: The file has a problem, or there is no stage; nothing was uploaded or sent.
    """
    if file is None:
        yield None
        return
    if other_source:
        raise InvalidInputError("--voice-file and another source are both given; leave one of them out")
    if not stage_url:
        raise InvalidInputError("--voice-file needs an object store; pass --stage, such as s3://bucket/voices")
    validate_voice_name(name)
    from ..staging import Stage  # noqa: PLC0415 - the extra may be missing

    stage = Stage(stage_url)
    _check(file)
    try:
        with stage:
            with show_progress(f"Uploading {file.name}"):
                url = stage.put(file)
            yield url
            if not is_waiting:
                stage.release()
    finally:
        for remaining in stage.remaining:
            print_message(
                f"the recording stays at {remaining}. After the voice is ready, delete it: "
                f"{shlex.join(['kling-voices', 'unstage', remaining])}"
            )


def _check(file: Path) -> None:
    from ..audio import check  # noqa: PLC0415 - the extra may be missing

    with show_progress(f"Checking {file.name}"):
        report = check(file)
    if report.problems:
        raise InvalidInputError(f"{file}: {'; '.join(report.problems)}")
    for warning in report.warnings:
        print_message(f"warning: {file}: {warning}")
