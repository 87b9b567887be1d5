"""Each test has its own registry of waits and receivers."""

from __future__ import annotations

import pytest
from kling_voices._flows import notifications


@pytest.fixture(autouse=True)
def _own_notifier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "notifier", notifications.TaskNotifier())
