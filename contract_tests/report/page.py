"""The results of a run as one HTML page that works from disk, without network, and on a phone."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.operations import read_operations
from contract_tests.harness.recorded_request import RecordedRequest

from .collected import Collected
from .replay import replay

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Shown(NamedTuple):
    """A failure as the page shows it. `file` sends the request again, if there is one."""

    title: str
    text: str
    sent: RecordedRequest | None
    file: str
    command: str


def write(collected: Collected, folder: Path) -> Path:
    """Write the page and the files that send failed requests again; returns the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("replay_*.py"):
        old.unlink()
    shown = list(_shown(collected))
    for failure in shown:
        if failure.sent is not None:
            text = replay(failure.sent, failure.file, title=failure.title, message=failure.text)
            (folder / failure.file).write_text(text, encoding="utf-8")
    page = folder / "index.html"
    page.write_text(html(collected, shown), encoding="utf-8")
    return page


def _shown(collected: Collected) -> Iterator[Shown]:
    numbers = itertools.count(1)
    for failure in collected.run.failures:
        name = f"replay_{next(numbers)}_test.py"
        yield Shown(f"{failure.operation_id}: {failure.check}", failure.message, failure.sent, name, f"pytest {name}")
    for failed in collected.failed:
        name = f"replay_{next(numbers)}_test.py"
        yield Shown(failed.name, failed.text, failed.sent, name, f"pytest '{failed.name}'")


def html(collected: Collected, failures: list[Shown]) -> str:
    """The text of the page."""
    run = collected.run
    statuses = sorted({status for _, status in run.statuses})
    modules = sorted({module for module, _ in collected.outcomes})
    groups = Counter(fault["group"] for fault in collected.faults)
    caught = Counter(fault["group"] for fault in collected.faults if fault["caught_by"])
    return _TEMPLATES.get_template("page.html.jinja").render(
        collected=collected,
        run=run,
        statuses=statuses,
        operations=[(each.name, f"{each.method} {each.path}") for each in read_operations(CONTRACT)],
        tests=sum(collected.outcomes.values()),
        modules=[
            (
                module,
                collected.docs.get(module, ""),
                {o: collected.outcomes[module, o] for o in ("passed", "failed", "skipped")},
            )
            for module in modules
        ],
        scoreboard=[(group, caught[group], groups[group]) for group in groups],
        failures=failures,
    )
