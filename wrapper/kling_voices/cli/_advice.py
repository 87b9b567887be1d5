"""The commands that an error message tells the reader to run. Each can be pasted into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from attrs import field, frozen


def _recover(external_task_id: str) -> tuple[str, ...]:
    return "recover", external_task_id


def _wait(task_id: str) -> tuple[str, ...]:
    return "wait", task_id


@frozen
class Advice:
    """How to continue after an error.

    Attributes:
        gateway: The option `--gateway` of the failed command.
        api_key_file: Its option `--api-key-file`.
        lookup_words: The arguments of the command that looks a task up by its external id.
        resume_words: The arguments of the command that waits for a task.
        is_lookup: Whether the failed command itself has looked up a create. The same lookup is no advice then.
    """

    gateway: str | None = None
    api_key_file: Path | None = None
    lookup_words: Callable[[str], tuple[str, ...]] = field(default=_recover)
    resume_words: Callable[[str], tuple[str, ...]] = field(default=_wait)
    is_lookup: bool = False

    def lookup(self, external_task_id: str) -> str:
        """How to find out whether a create was accepted."""
        if self.is_lookup:
            return self._not_found(external_task_id)
        command = self._command(self.lookup_words(external_task_id))
        return f"Before you create it again, check whether it exists: {command}"

    def resume(self, task_id: str) -> str:
        """How to wait for a task again."""
        return f"Continue with: {self._command(self.resume_words(task_id))}"

    def query(self, task_id: str) -> str:
        """How to query a task again."""
        return f"Query it again later: {self._command(('get', task_id))}"

    def _not_found(self, external_task_id: str) -> str:
        """A lookup that finds nothing does not prove that nothing was created (G)."""
        option = shlex.quote(f"--external-task-id={external_task_id}")
        return (
            f"Try again later. If you create the voice again, pass {option}: a gateway that enforces unique ids then "
            f"refuses a second voice. First look for this id in the list: {self._command(('list',))} --json"
        )

    def _command(self, words: tuple[str, ...]) -> str:
        options = []
        if self.gateway:
            options += ["--gateway", self.gateway]
        if self.api_key_file:
            options += ["--api-key-file", str(self.api_key_file)]
        # An id that begins with "-" is not an option.
        dashes = ["--"] if any(word.startswith("-") for word in words[1:2]) else []
        return shlex.join(["kling-voices", words[0], *options, *dashes, *words[1:]])
