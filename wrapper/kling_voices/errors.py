"""The exceptions of this package.

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
├── WaitTimeoutError
└── CallbackError
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from .models import VoiceTask

Outcome: TypeAlias = Literal["not_created", "unknown", "created"]


class KlingVoicesError(Exception):
    """The base class of all exceptions of this package.

    Attributes:
        outcome: Whether the create that failed may have been charged. `"not_created"`: no task was accepted, so nothing
            was charged; also the value for methods that create nothing. `"unknown"`: the task may exist; call
            `recover(error.external_task_id)` before you create it again. `"created"`: the task exists, for example
            when waiting for it failed. Through `call`, every operation that creates a task has the same outcomes. Any
            other write also has the outcome `"unknown"` if it may have been executed, but it cannot be looked up.
        external_task_id: The external id of that create; None for other calls.
        advice: What to do next; empty if the message says it.
    """

    advice: str = ""
    _repr_names: ClassVar[tuple[str, ...]] = ("outcome", "external_task_id")

    def __init__(
        self,
        message: str,
        *,
        outcome: Outcome = "not_created",
        external_task_id: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message)
        self.outcome: Outcome = outcome
        self.external_task_id = external_task_id
        if advice is not None:
            self.advice = advice

    @property
    def problem(self) -> str:
        """The message without the advice."""
        return str(self.args[0])

    def __str__(self) -> str:
        return f"{self.problem} {self.advice}".rstrip()

    def __repr__(self) -> str:
        named = (f"{name}={getattr(self, name)!r}" for name in self._repr_names if getattr(self, name) is not None)
        return f"{type(self).__name__}({', '.join((repr(str(self)), *named))})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are pickled with their positional arguments only, and these constructors need keywords.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[KlingVoicesError], args: tuple[Any, ...], state: dict[str, Any]) -> KlingVoicesError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidInputError(KlingVoicesError, ValueError):
    """An argument is invalid. Nothing was sent or charged. The message names the argument, and says what to do."""


class APIError(KlingVoicesError):
    """The gateway's response is not a success.

    Attributes:
        status_code: The HTTP status.
        code: Kling's numeric code if the response has one at any depth, else the gateway's own code, else None.
        message: The gateway's message, without keys and the signed part of URLs; empty if there is none.
        request_id: The gateway's id of the request, for questions to its support; None if there is none.
        body: The complete response body: decoded JSON, else text, else bytes. It is not redacted, so it may contain
            secrets that the gateway repeats.
        retry_after: Seconds that the gateway asks to wait before a retry, or None.
    """

    advice = "The attribute `body` has the complete response."
    _repr_names = ("status_code", "code", "request_id", "outcome", "external_task_id")

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

    @property
    def problem(self) -> str:
        """The message without the advice: status, code and the gateway's message."""
        code = f", code {self.code}" if self.code is not None else ""
        message = self.message.rstrip(".") or "no message"
        return f"The gateway responded with {self.status_code}{code}: {message}."


class BadRequestError(APIError):
    """The request is invalid: 400, codes 1200 and 1201 (V)."""

    advice = "Correct the request."


class AuthenticationError(APIError):
    """The key is missing, unknown or expired: 401, codes 1000 to 1004 (V)."""

    advice = "Check the API key; each gateway has its own keys."


class PermissionDeniedError(APIError):
    """The key is valid but lacks a permission: 403, codes 1103 and 1304 (V)."""

    advice = "Ask the gateway to allow this operation, or your IP address, for this key."


class QuotaExceededError(APIError):
    """The account has no credit left: 402, codes 1100 to 1102 (V) and the gateways' quota codes (G). Never retried."""

    advice = "Top up your account at the gateway."


class NotFoundError(APIError):
    """The resource does not exist: 404, codes 1202 and 1203 (V), and 400 with 1201 when one task is queried (L).

    A task that is not found may still exist, because a gateway may query a different Kling account (G).
    """

    advice = "Check the id, and that it belongs to this gateway and this key."


class ContentPolicyError(APIError):
    """The name or the audio violates a content policy: codes 1300 and 1301 (V)."""

    advice = "Use another name or recording."


class RateLimitError(APIError):
    """Too many requests, or too many tasks at the same time: 429, codes 1302 and 1303 (V)."""

    advice = "Wait, or send fewer requests at the same time."


class ServerError(APIError):
    """The gateway or Kling had an internal error: 5xx, codes 5000 to 5002 (V)."""

    advice = "Try again later."


class UnexpectedResponseError(APIError):
    """The response does not follow the contract: HTML with status 200, no data, not JSON, too long, or incomplete."""

    advice = "The attribute `body` has the complete response; if you set a base URL, check it."


class ConnectionFailedError(KlingVoicesError):
    """There was no response: the connection was refused or lost, or timed out. The `__cause__` is httpx's exception.

    Attributes:
        request_sent: Whether the request may have reached the gateway.
    """

    _repr_names = ("request_sent", "outcome", "external_task_id")

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
    """A create failed after it was sent, and the gateway does not find its task. The task may still exist.

    The failure is the `__cause__`. The create was not sent again, because it could be charged twice. Look the task up
    later with `recover(error.external_task_id)`, or with the call that the message names; "not found" does not prove
    that nothing was created (G).
    """


class VoiceCreationFailedError(KlingVoicesError):
    """The task has failed, so there is no voice; also raised by `call` if a task of another kind has failed.

    Attributes:
        task: The failed task; `task.status_message` says why, and `task.raw` has the complete response. It is unknown
            whether failed tasks are charged (?).
    """

    def __init__(self, message: str, *, task: VoiceTask) -> None:
        super().__init__(message, outcome="created", external_task_id=task.external_task_id)
        self.task = task


class WaitTimeoutError(KlingVoicesError):
    """The task has not finished within the timeout of the wait. The task continues; wait for it again.

    Attributes:
        task: The task at the last poll. Pass it to `wait`; for a task of another kind, see the message.
    """

    def __init__(self, message: str, *, task: VoiceTask, advice: str | None = None) -> None:
        super().__init__(message, outcome="created", external_task_id=task.external_task_id, advice=advice)
        self.task = task


class CallbackError(KlingVoicesError):
    """A callback is not accepted: its signature is missing, wrong or old, or its body does not describe a task.

    The message contains neither the secret nor the signature.
    """
