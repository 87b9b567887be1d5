"""A regeneration changes everything or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pipeline import regeneration
from pipeline.diff import report
from pipeline.ingest.pages import Page, parse_page

from tests.support.regeneration import case_text, run, state, write_case

from . import pages

SUPPLIED = (pages.SUPPLIED / "chainhub-custom-voices.yaml").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A scratch copy of what a regeneration may change."""
    return pages.copy_project(tmp_path)


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a page makes of the folders."""
    scratch = tmp_path_factory.mktemp("staged")
    name, text = case_text("path changed")
    openapi = pages.copy_openapi(tmp_path_factory.mktemp("documents"))
    regeneration.ingest(openapi, [parse_page(name, text.encode())], scratch)
    return scratch


COPY_TREE = shutil.copytree


def _copy(source: str, target: str) -> None:
    """Copy a file while `shutil.copyfile` fails."""
    Path(target).write_bytes(Path(source).read_bytes())


@pytest.mark.parametrize(
    "failure", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "ctrl-c"]
)
@pytest.mark.parametrize("at", [*(("copyfile", n) for n in (0, 1, 5, 20)), *(("rename", n) for n in range(6))])
def test_all_or_nothing(
    project: Path,
    staged: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    at: tuple[str, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """After a full disk or Ctrl-C at any copy or rename, all files are unchanged, and there are no extra files."""
    page, calls = write_case(project, "path changed"), iter(range(1000))

    def failing(does: Callable[..., Any]) -> Callable[..., Any]:
        def maybe(*args: Any, **kwargs: Any) -> Any:
            if next(calls) == at[1]:
                raise failure
            return does(*args, **kwargs)

        return maybe

    def ingest(_openapi: Path, _pages: list[Page], scratch: Path) -> report.Report:
        for folder in staged.iterdir():
            COPY_TREE(folder, scratch / folder.name, copy_function=_copy)
        return report.Report()

    before = state(project)
    with monkeypatch.context() as patch:
        patch.setattr(regeneration, "ingest", ingest)
        owner = shutil if at[0] == "copyfile" else Path
        patch.setattr(owner, at[0], failing(getattr(owner, at[0])))
        code = run(project, page)
    assert next(calls) > at[1], "three places are replaced, by a copy and two renames each"
    assert (code, state(project)) == (2 if isinstance(failure, OSError) else 130, before)
    assert "nothing was changed" in capsys.readouterr().err


def test_a_link_stays_a_link(project: Path) -> None:
    """Where the folder to write is a link, what it leads to is written."""
    (project / "generated").rename(project / "elsewhere")
    (project / "generated").symlink_to("elsewhere")
    assert run(project, write_case(project, "property added")) == 0
    assert (project / "generated").is_symlink()
    assert sorted(path.name for path in project.iterdir() if path.name.startswith(".")) == []
