"""Signatures according to Standard Webhooks: HMAC-SHA256 over id, timestamp and body (V)."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import CallbackError, InvalidInputError
from ._headers import ID, SIGNATURE, TIMESTAMP

if TYPE_CHECKING:
    from standardwebhooks import Webhook

TOLERANCE = 300  # seconds between the sender's clock and ours (V)

_PREFIX = "whsec_"
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"(?:^|[\s,])(v1,[A-Za-z0-9+/]+={0,2})(?=[\s,]|$)")


class SignatureVerifier:
    """Verifies the signatures that were made with one secret.

    Args:
        secret: The secret as Kling shows it: base64, with or without `whsec_` before it.

    Raises:
        InvalidInputError: The secret is not of that form, or the extra `callbacks` is not installed.
    """

    def __init__(self, secret: str) -> None:
        self._webhook = _webhook(secret)

    def verify(self, body: bytes, headers: dict[str, str], *, now: float) -> None:
        """Accept a body whose headers have a valid signature that is at most five minutes old.

        Args:
            body: The body, unchanged.
            headers: The result of `webhook_headers`.
            now: Seconds since 1970.

        Raises:
            CallbackError: The signature is missing, wrong or old.
        """
        missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not headers.get(name)]
        if missing:
            raise CallbackError(f"the callback is not signed: the header {missing[0]} is missing")
        if not _TIMESTAMP.fullmatch(headers[TIMESTAMP]):
            raise CallbackError(f"the header {TIMESTAMP} of the callback is not a number of seconds")
        timestamp = int(headers[TIMESTAMP])
        if abs(now - timestamp) > TOLERANCE:
            age = "old" if timestamp < now else "far in the future"
            raise CallbackError(f"the signature of the callback is too {age}: {abs(now - timestamp):.0f} s")
        expected = self._webhook.sign(headers[ID], datetime.fromtimestamp(timestamp, UTC), _utf8(body)).encode()
        signatures = [found.encode() for found in _SIGNATURE.findall(headers[SIGNATURE])]
        if not any([hmac.compare_digest(expected, signature) for signature in signatures]):  # noqa: C419 - compares all
            raise CallbackError("the signature of the callback is wrong; check the secret, and pass the body unchanged")


def _webhook(secret: str) -> Webhook:
    try:
        from standardwebhooks import Webhook  # noqa: PLC0415 - the extra may be missing
    except ImportError:
        raise InvalidInputError("standardwebhooks is missing; run: pip install 'kling-voices[callbacks]'") from None
    if not isinstance(secret, str):
        raise InvalidInputError(f"secret is of type {type(secret).__name__}; pass a string")
    try:
        encoded = secret.removeprefix(_PREFIX)
        if b64decode(encoded + "=" * (-len(encoded) % 4), validate=True):
            return Webhook(secret)
    except ValueError:  # not base64, or not ASCII
        pass
    raise InvalidInputError("secret is not a signing secret; pass it in Kling's form: whsec_ and base64") from None


def _utf8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise CallbackError("the body of the callback is not UTF-8") from None
