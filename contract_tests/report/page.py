"""A run as one HTML page: it works from disk, without network, and on a phone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pipeline.merge import operations

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.provider import Failure

from .collected import Collected
from .replay import replay

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write(collected: Collected, folder: Path) -> Path:
    """Write the page and the files that replay failures; gives the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("replay_*.py"):
        old.unlink()
    replays = []
    for number, failure in enumerate(collected.run.failures, 1):
        name = f"replay_{number}_test.py"
        (folder / name).write_text(replay(failure, name), encoding="utf-8")
        replays.append((failure, name))
    page = folder / "index.html"
    page.write_text(html(collected, replays), encoding="utf-8")
    return page


def html(collected: Collected, replays: list[tuple[Failure, str]]) -> str:
    """The page's text."""
    run = collected.run
    statuses = sorted({status for _, status in run.statuses})
    modules = sorted({module for module, _ in collected.outcomes})
    groups = Counter(fault["group"] for fault in collected.faults)
    caught = Counter(fault["group"] for fault in collected.faults if fault["caught_by"])
    return _TEMPLATES.get_template("page.html.jinja").render(
        collected=collected,
        run=run,
        statuses=statuses,
        operations=[
            (operation["operationId"], f"{method.upper()} {path}") for path, method, operation in operations(CONTRACT)
        ],
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
        replays=replays,
    )
