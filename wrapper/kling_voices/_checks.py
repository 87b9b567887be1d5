"""What is refused before anything is sent or charged. Every refusal says what, where, and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ._secrets import conceal_url
from .errors import InvalidInputError

NAME_LENGTH = range(1, 21)  # characters (V; enforced, L)
LONGEST = 7 * 24 * 3600  # seconds
AUDIO_EXTENSIONS = ("mp3", "wav", "mp4", "mov")  # (S)

# What reads as a file extension: two to five letters or digits, a letter among them; so the ".2" of "v1.2" is none.
_EXTENSION = re.compile(r"\.(?=[0-9]*[a-z])([a-z0-9]{2,5})$", re.IGNORECASE)
_NOT_IN_A_URL = re.compile(r"[\s\x00-\x1f\x7f]")


def check_voice_name(voice_name: str) -> None:
    """1 to 20 characters (V); refused, never cut."""
    _check_text("voice_name", voice_name)
    if len(voice_name) not in NAME_LENGTH:
        raise InvalidInputError(
            f"voice_name has {len(voice_name)} characters; a voice's name has {NAME_LENGTH[0]} to {NAME_LENGTH[-1]}"
        )


def check_source(voice_url: str | None, video_id: str | None) -> None:
    """Exactly one source of the audio; an empty string counts as absent (T)."""
    if voice_url is not None:
        _check_text("voice_url", voice_url)
    if video_id is not None:
        _check_text("video_id", video_id)
    if voice_url and video_id:
        raise InvalidInputError("voice_url and video_id are both given; a voice is made from one: leave one out")
    if not voice_url and not video_id:
        raise InvalidInputError("neither voice_url nor video_id is given; one of them must name the audio")
    if voice_url:
        check_voice_url(voice_url)


def check_voice_url(voice_url: str) -> None:
    """An http(s) address whose extension, if it has one, is that of a supported file (S)."""
    path = _check_url("voice_url", voice_url).path
    extension = _EXTENSION.search(path.rpartition("/")[2])
    if extension and extension[1].lower() not in AUDIO_EXTENSIONS:
        supported = ", ".join(f".{name}" for name in AUDIO_EXTENSIONS)
        raise InvalidInputError(
            f"voice_url {conceal_url(voice_url)} ends in .{extension[1]}; convert it to one of {supported}"
        )


def check_callback_url(callback_url: str | None) -> None:
    """An http(s) address, or nothing."""
    if callback_url is not None:
        _check_text("callback_url", callback_url)
    if callback_url:
        _check_url("callback_url", callback_url)


def check_id(name: str, value: str) -> None:
    """An id that can stand in a path. Ids are strings: as a number it may have lost its last digits."""
    _check_text(name, value)
    if not value:
        raise InvalidInputError(f"{name} is empty; give the id that the gateway or you have given")
    if value in (".", ".."):  # a path with such a segment addresses something else
        raise InvalidInputError(f"{name} is {value!r}, which no request can ask for; choose another id")


def check_external_task_id(external_task_id: str | None) -> None:
    """The caller's own id, or nothing (None or empty) for a fresh one."""
    if external_task_id is not None:
        _check_text("external_task_id", external_task_id)
    if external_task_id:
        check_id("external_task_id", external_task_id)


def check_extra_body(extra_body: Mapping[str, Any] | None, known: frozenset[str]) -> None:
    """Fields that this version does not know, as JSON; those it knows have arguments of their own."""
    if extra_body is None:
        return
    if not isinstance(extra_body, Mapping) or not all(isinstance(key, str) for key in extra_body):
        raise InvalidInputError("extra_body must be a mapping from field names to JSON values")
    clash = sorted(known & extra_body.keys())
    if clash:
        raise InvalidInputError(f"extra_body holds {clash[0]!r}, which has an argument of its own: give it there")
    try:
        json.dumps(dict(extra_body), allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"extra_body is not JSON: {error}") from None


def check_seconds(name: str, value: float, *, zero: bool = False) -> None:
    """A finite number of seconds above zero, or zero where that has a meaning."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidInputError(f"{name} is {type(value).__name__}; give a number of seconds")
    if not 0 <= value <= LONGEST or (value == 0 and not zero):  # no comparison with NaN holds
        start = "from" if zero else "above"
        raise InvalidInputError(f"{name} is not a number of seconds {start} 0 and up to {LONGEST}, a week")


def check_wait(timeout: float, on_update: object) -> None:
    """How long to wait, and whom to tell."""
    check_seconds("timeout", timeout, zero=True)
    if on_update is not None and not callable(on_update):
        raise InvalidInputError(f"on_update is {type(on_update).__name__}; give a function that takes the task")


def check_count(name: str, value: int, allowed: range) -> None:
    """A whole number within `allowed`."""
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        raise InvalidInputError(f"{name} is {value!r}; give a whole number from {allowed[0]} to {allowed[-1]}")


def check_api_key(api_key: str) -> None:
    """A key that fits into a header. It is never shown, not even in part."""
    if not isinstance(api_key, str) or not api_key:
        raise InvalidInputError("the API key is empty or not a string; give the key of your gateway account")
    if not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
        raise InvalidInputError("the API key holds a space, a line end or another character that no key has")


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise InvalidInputError(f"{name} is {type(value).__name__}; give a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidInputError(f"{name} holds half a surrogate pair, which cannot be sent; repair the text") from None


def _check_url(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        usable = False
    if not usable or _NOT_IN_A_URL.search(url):
        raise InvalidInputError(
            f"{name} {conceal_url(url)!r} is not an http or https address that a gateway could fetch"
        )
    return parts
