"""Checks of arguments before anything is sent or charged. Each message says what is wrong, where, and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .._protocol.redaction import redact_url
from ..clock import Clock
from ..errors import InvalidInputError

NAME_LENGTH = range(1, 21)  # characters (V; enforced, L)
MAX_SECONDS = 7 * 24 * 3600
AUDIO_EXTENSIONS = ("mp3", "wav", "mp4", "mov")  # (S)

# A file extension has two to five letters or digits, at least one of them a letter. So the ".2" of "v1.2" is not one.
_EXTENSION = re.compile(r"\.(?=[0-9]*[a-z])([a-z0-9]{2,5})$", re.IGNORECASE)
_LOCAL_PATH = re.compile(r"file:|/(?!/)|\.{1,2}[/\\]|~|\\|[a-z]:[/\\]", re.IGNORECASE)  # how a local path begins
_INVALID_IN_URL = re.compile(r"[\s\x00-\x1f\x7f]")


# The fields of a create that have arguments of their own.
_CREATE_ARGUMENTS = frozenset({"voice_name", "voice_url", "video_id", "callback_url", "external_task_id"})


def validate_voice_name(voice_name: str) -> None:
    """A name has 1 to 20 characters (V). A longer one is an error; it is never cut."""
    validate_text("voice_name", voice_name)
    if len(voice_name) not in NAME_LENGTH:
        raise InvalidInputError(
            f"voice_name has {len(voice_name)} characters; it must have {NAME_LENGTH[0]} to {NAME_LENGTH[-1]}"
        )


def validate_source(voice_url: str | None, video_id: str | None, *, file_allowed: bool = False) -> None:
    """Exactly one source of the audio is needed; an empty string counts as absent (T)."""
    if voice_url is not None:
        validate_text("voice_url", voice_url)
    if video_id is not None:
        validate_text("video_id", video_id)
    if voice_url and video_id:
        raise InvalidInputError("voice_url and video_id are both given; leave one of them out")
    if not voice_url and not video_id:
        names = "voice_url, video_id nor voice_file" if file_allowed else "voice_url nor video_id"
        raise InvalidInputError(f"neither {names} is given; pass one of them")
    if voice_url:
        validate_voice_url(voice_url, file_allowed=file_allowed)


def validate_voice_url(voice_url: str, *, file_allowed: bool = False) -> None:
    """An http or https address. If the path has a file extension, it must be a supported one (S)."""
    if is_local_path(voice_url):
        upload = "upload the file with kling_voices.staging.Stage, and pass the URL that put() returns"
        raise InvalidInputError(
            f"voice_url {redact_url(voice_url)!r} is a local path, which a gateway cannot fetch; "
            + ("pass it as voice_file instead" if file_allowed else upload)
        )
    path = _validate_url("voice_url", voice_url).path
    extension = _EXTENSION.search(path.rpartition("/")[2])
    if extension and extension[1].lower() not in AUDIO_EXTENSIONS:
        supported = ", ".join(f".{name}" for name in AUDIO_EXTENSIONS)
        raise InvalidInputError(
            f"voice_url {redact_url(voice_url)} ends in .{extension[1]}; convert the file to one of {supported}"
        )


def is_local_path(text: str) -> bool:
    """Whether a text that should be a URL is a path, or the name of a recording. The file need not exist."""
    if _LOCAL_PATH.match(text):
        return True
    extension = _EXTENSION.search(text)
    return extension is not None and extension[1].lower() in AUDIO_EXTENSIONS and not re.search(r"[/\\:]", text)


def validate_callback_url(callback_url: str | None) -> None:
    """An http or https address, or None."""
    if callback_url is not None:
        validate_text("callback_url", callback_url)
    if callback_url:
        _validate_url("callback_url", callback_url)


def validate_id(name: str, value: object) -> None:
    """An id that can be a segment of a URL path. It must be a string: a number may have lost digits."""
    validate_text(name, value)
    if not value:
        raise InvalidInputError(f"{name} is empty; pass the id of the task or voice")
    if value in (".", ".."):  # such a segment changes the path
        raise InvalidInputError(f"{name} is {value!r}, which cannot be used as a URL path segment; choose another id")


def validate_external_task_id(external_task_id: str | None) -> None:
    """The caller's own id; None or empty for a new UUID."""
    if external_task_id is not None:
        validate_text("external_task_id", external_task_id)
    if external_task_id:
        validate_id("external_task_id", external_task_id)


def validate_extra_body(extra_body: Mapping[str, Any] | None) -> None:
    """Additional fields, as JSON values. Fields that have an argument of their own are not allowed."""
    if extra_body is None:
        return
    if not isinstance(extra_body, Mapping) or not all(isinstance(key, str) for key in extra_body):
        raise InvalidInputError("extra_body must be a mapping from field names to JSON values")
    clash = sorted(_CREATE_ARGUMENTS & extra_body.keys())
    if clash:
        raise InvalidInputError(f"extra_body has the field {clash[0]!r}; pass it as the argument {clash[0]} instead")
    try:
        json.dumps(dict(extra_body), allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"extra_body cannot be written as JSON: {error}") from None


def validate_seconds(name: str, value: float, *, zero: bool = False) -> None:
    """A finite number of seconds above zero; with `zero`, zero is allowed too."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidInputError(f"{name} is of type {type(value).__name__}; pass a number of seconds")
    if not 0 <= value <= MAX_SECONDS or (value == 0 and not zero):  # comparisons with NaN are false
        minimum = "at least" if zero else "more than"
        raise InvalidInputError(f"{name} must be {minimum} 0 and at most {MAX_SECONDS} seconds (a week)")


def validate_wait(timeout: float, on_update: object) -> None:
    """The arguments of a wait."""
    validate_seconds("timeout", timeout, zero=True)
    if on_update is not None and not callable(on_update):
        raise InvalidInputError(f"on_update is of type {type(on_update).__name__}; pass a function that takes the task")


def validate_count(name: str, value: int, allowed: range) -> None:
    """A whole number within `allowed`."""
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        raise InvalidInputError(f"{name} is {value!r}; pass a whole number from {allowed[0]} to {allowed[-1]}")


def validate_clock(clock: object) -> None:
    """An object with the methods of `Clock`."""
    if not isinstance(clock, Clock):
        raise InvalidInputError(
            f"clock is of type {type(clock).__name__}; pass an object with the methods of kling_voices.clock.Clock"
        )


def validate_api_key(api_key: str) -> None:
    """A key that can be sent in a header. It never appears in a message, not even in part."""
    if not isinstance(api_key, str) or not api_key:
        raise InvalidInputError("the API key is empty or not a string; pass the key of your gateway account")
    if not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
        raise InvalidInputError(
            "the API key contains a space, a line break or another character that a key cannot have; copy it again"
        )


def validate_text(name: str, value: object) -> None:
    """A string that can be written as UTF-8."""
    if not isinstance(value, str):
        raise InvalidInputError(f"{name} is of type {type(value).__name__}; pass a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidInputError(
            f"{name} contains an unpaired surrogate, which cannot be sent; correct the text"
        ) from None


def _validate_url(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        usable = False
    if not usable or _INVALID_IN_URL.search(url):
        raise InvalidInputError(
            f"{name} {redact_url(url)!r} is not an http or https URL that a gateway could fetch; pass a public URL"
        )
    return parts
