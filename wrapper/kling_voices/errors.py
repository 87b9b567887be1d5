"""Every error that this package raises, in one tree.

KlingVoicesError
├── InvalidInputError
├── APIError
│   ├── BadRequestError
│   ├── AuthenticationError
│   ├── PermissionDeniedError
│   ├── QuotaExceededError
│   ├── NotFoundError
│   ├── ContentPolicyError
│   ├── RateLimitError
│   ├── ServerError
│   └── UnexpectedResponseError
├── ConnectionFailedError
├── OutcomeUnknownError
├── VoiceCreationFailedError
└── WaitTimeoutError
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from .models import VoiceTask

Outcome: TypeAlias = Literal["not_created", "unknown", "created"]


class KlingVoicesError(Exception):
    """Any error of this package.

    Attributes:
        outcome: What became of the create that the error belongs to. `"not_created"`: no task was accepted, nothing is
            charged (also on every error of a method that creates nothing). `"unknown"`: the create may have been
            accepted; ask with `recover(error.external_task_id)` before paying again. `"created"`: the task exists, as
            on errors of a wait for it. Another write through `call` is `"unknown"`, too, where it may have been carried
            out, and has no id to ask by.
        external_task_id: The id under which that create was sent, to recover by; None on other calls.
    """

    _shown: ClassVar[tuple[str, ...]] = ("outcome", "external_task_id")

    def __init__(self, message: str, *, outcome: Outcome = "not_created", external_task_id: str | None = None) -> None:
        super().__init__(message)
        self.outcome: Outcome = outcome
        self.external_task_id = external_task_id

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self._shown if getattr(self, name) is not None)
        return f"{type(self).__name__}({', '.join((repr(str(self)), *shown))})"

    def __reduce__(self) -> tuple[Any, ...]:
        # The constructors take keywords only, which the pickling of exceptions knows nothing of.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[KlingVoicesError], args: tuple[Any, ...], state: dict[str, Any]) -> KlingVoicesError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidInputError(KlingVoicesError, ValueError):
    """The arguments are wrong; nothing was sent and nothing is charged. The message says which, and what to do."""


class APIError(KlingVoicesError):
    """The gateway answered, and the answer is not a success.

    Attributes:
        status_code: The HTTP status.
        code: Kling's numeric code where the answer holds one at any depth, else the gateway's string code, else None.
        message: What the gateway says, without keys and the signed part of URLs; empty where it says nothing.
        request_id: The gateway's name for this exchange, for its support; None where it gives none.
        body: The answer's body, complete: decoded JSON, else text, else bytes. It may hold what the gateway echoes.
        retry_after: Seconds after which the gateway wants to be asked again, or None.
    """

    advice: ClassVar[str] = "See the error's body for all that the gateway answered."
    _shown = ("status_code", "code", "request_id", "outcome", "external_task_id")

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        code: int | str | None = None,
        request_id: str | None = None,
        body: object = None,
        retry_after: float | None = None,
        outcome: Outcome = "not_created",
        external_task_id: str | None = None,
    ) -> None:
        super().__init__(message, outcome=outcome, external_task_id=external_task_id)
        self.status_code = status_code
        self.code = code
        self.message = message
        self.request_id = request_id
        self.body = body
        self.retry_after = retry_after

    def __str__(self) -> str:
        code = f", code {self.code}" if self.code is not None else ""
        said = self.message.rstrip(".") or "no message"
        return f"The gateway answered {self.status_code}{code}: {said}. {self.advice}"


class BadRequestError(APIError):
    """The gateway finds the request invalid: 400, codes 1200 and 1201 (V)."""

    advice = "Correct the request; the message names what is wrong."


class AuthenticationError(APIError):
    """The key is missing, unknown or expired: 401, codes 1000 to 1004 (V)."""

    advice = "Check the key; each gateway has its own."


class PermissionDeniedError(APIError):
    """The key is good, but not for this: 403, codes 1103 and 1304 (V)."""

    advice = "Ask the gateway to allow this operation or this address for the key."


class QuotaExceededError(APIError):
    """The account cannot pay: 402, codes 1100 to 1102 (V) and the gateways' quota codes (G). Never retried."""

    advice = "Top up the account at the gateway; trying again does not help."


class NotFoundError(APIError):
    """There is no such thing: 404, codes 1202 and 1203 (V), and 400 with 1201 when one task is queried (L).

    A task that is not found may exist all the same: a gateway can ask another upstream account (G).
    """

    advice = "Check the id, and that it was made with this gateway and this key."


class ContentPolicyError(APIError):
    """Name or audio are against a policy: codes 1300 and 1301 (V)."""

    advice = "Change the name or the audio."


class RateLimitError(APIError):
    """Too many requests, or too many at once: 429, codes 1302 and 1303 (V)."""

    advice = "Wait a little, or send fewer requests at once."


class ServerError(APIError):
    """The gateway or Kling failed: 5xx, codes 5000 to 5002 (V)."""

    advice = "Try again later."


class UnexpectedResponseError(APIError):
    """An answer that the contract does not know: HTML on a 200, no data, not JSON, too long, or cut."""

    advice = "See the error's body; if a base URL was given, check that it is the gateway's API."


class ConnectionFailedError(KlingVoicesError):
    """No answer came: refused, reset, timed out. The transport's own error is the `__cause__`.

    Attributes:
        request_sent: Whether the request may have reached the gateway.
    """

    _shown = ("request_sent", "outcome", "external_task_id")

    def __init__(
        self,
        message: str,
        *,
        request_sent: bool,
        outcome: Outcome = "not_created",
        external_task_id: str | None = None,
    ) -> None:
        super().__init__(message, outcome=outcome, external_task_id=external_task_id)
        self.request_sent = request_sent


class OutcomeUnknownError(KlingVoicesError):
    """A create failed after it was sent, and the gateway does not show its task: it may have been accepted.

    The failure is the `__cause__`. It was not sent again, for that could be paid twice. Ask later with
    `recover(error.external_task_id)`; "not found" does not prove that nothing was created (G).
    """


class VoiceCreationFailedError(KlingVoicesError):
    """The task ended as failed, so there is no voice.

    Attributes:
        task: The failed task; `task.status_message` says why. Whether it was charged is unknown (?).
    """

    def __init__(self, message: str, *, task: VoiceTask) -> None:
        super().__init__(message, outcome="created", external_task_id=task.external_task_id)
        self.task = task


class WaitTimeoutError(KlingVoicesError):
    """The task had not ended when the time to wait was over. It goes on; wait for it again.

    Attributes:
        task: The task as last seen, to give to `wait` again.
    """

    def __init__(self, message: str, *, task: VoiceTask) -> None:
        super().__init__(message, outcome="created", external_task_id=task.external_task_id)
        self.task = task
