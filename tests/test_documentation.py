"""Every command and snippet of README and docs is run, and pages made from data are up to date."""

from __future__ import annotations

import functools
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import httpx_aiohttp
import pytest
from kling_voices.cli._commands import app
from kling_voices.mock import MockGateway, VirtualClock, _faults
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from tests.support.object_store import running_store
from tests.support.repository import ROOT

pytest_plugins = ["pytester"]
# A maintainer may save a gateway's page as page.md there, which is not a page of this project.
_IN_ROOT = sorted(path for path in ROOT.glob("*.md") if path.stem.isupper())
PAGES = [*_IN_ROOT, *sorted((ROOT / "docs").rglob("*.md"))]


class Snippet(NamedTuple):
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str


def _snippets() -> Iterator[Snippet]:
    for page in PAGES:
        for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
            if token.type == "fence" and token.map is not None:
                yield Snippet(page.relative_to(ROOT).as_posix(), token.map[0] + 1, token.info, token.content)


SNIPPETS = list(_snippets())


def _of(*languages: str) -> pytest.MarkDecorator:
    chosen = [snippet for snippet in SNIPPETS if snippet.language in languages]
    return pytest.mark.parametrize("snippet", chosen, ids=[f"{snippet.page}:{snippet.line}" for snippet in chosen])


@functools.cache
def _sessions() -> str:
    listed = subprocess.run(
        [sys.executable, "-m", "nox", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return listed.stdout


def test_every_block_is_of_a_kind_that_is_run() -> None:
    """No snippet escapes by a language that nothing below runs; `text` is for drawings."""
    languages = {
        snippet.language for snippet in SNIPPETS if not snippet.language.startswith("{")
    }  # a directive of MyST
    assert languages <= {"python", "sh", "console", "text"}


def test_the_readme_begins_with_two_commands() -> None:
    """The first two `sh` blocks are one command each: the main job, and the tests; they are the only ones."""
    first, second = [snippet.text for snippet in SNIPPETS if (snippet.page, snippet.language) == ("README.md", "sh")]
    assert first.count("\n") == second.count("\n") == 1
    assert second == "pip install --constraint constraints.txt 'nox[uv]' && nox\n"


@pytest.fixture(scope="module")
def local_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with the recordings that the pages name, and the settings of an object store with the bucket."""
    recordings = pytest.importorskip("tests.support.recordings", reason="the extra `audio` is not installed")
    pytest.importorskip("nanio", reason="the S3 server nanio is not installed")
    folder = tmp_path_factory.mktemp("local")
    for name in ("ada.wav", "bob.mp3"):
        recordings.write(folder / name)
    with running_store(folder / "s3") as store:
        yield folder, store.environment


@pytest.fixture
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients and the embedded mock share a clock that moves by itself while a client waits."""
    clock = VirtualClock()
    for module in ("_sync_client", "_async_client", "_bulk.forecast", "mock._gateway"):
        monkeypatch.setattr(f"kling_voices.{module}.SystemClock", lambda: clock)


@pytest.mark.usefixtures("_without_waiting")
@_of("python")
def test_python_snippets_run(
    snippet: Snippet,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """Each snippet runs unchanged; the mock handles requests to the gateways, and the output matches the comments."""
    # No page of text2video is supplied, so its snippet runs with a client and a contract generated from a test page.
    contract = request.getfixturevalue("video_contract") if "text2video" in snippet.text else None
    folder, settings = request.getfixturevalue("local_files") if "ada.wav" in snippet.text else (tmp_path, {})
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    gateway = MockGateway("readme-key", creation_seconds=0, contract=contract)

    async def handle_async(_: object, request: httpx.Request) -> httpx.Response:
        return gateway.handle(request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda _, request: gateway.handle(request))
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle_async)
    monkeypatch.setattr(httpx_aiohttp.AiohttpTransport, "handle_async_request", handle_async)
    monkeypatch.setenv("KLING_API_KEY", "readme-key")
    monkeypatch.chdir(folder)  # some read or write files
    exec(compile(snippet.text, f"{snippet.page}:{snippet.line}", "exec"), {"__name__": "__main__"})  # noqa: S102
    printed = capsys.readouterr().out.splitlines()
    for promised in re.findall(r"print\(.*\)  # (.*)", snippet.text):
        assert any(promised == line or promised.startswith(f"{line}:") for line in printed), promised


@pytest.mark.parametrize(
    "snippet",
    [snippet for snippet in SNIPPETS if "\ndef test_" in snippet.text or "async def test_" in snippet.text],
    ids=lambda snippet: f"{snippet.page}:{snippet.line}",
)
def test_documented_tests_pass(snippet: Snippet, pytester: pytest.Pytester) -> None:
    """Snippets that contain tests are run by pytest, with the plugin and without a network."""
    pytester.makepyfile(snippet.text)
    outcomes = pytester.runpytest_inprocess(
        "-pno:asyncio", "-pno:schemathesis", "--strict-markers", "--disable-socket", "--allow-unix-socket"
    )
    assert set(outcomes.parseoutcomes()) == {"passed"}


@pytest.mark.usefixtures("_without_waiting")
@_of("sh", "console")
def test_commands_run(
    snippet: Snippet, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each `kling-voices` command exits with 0; each `nox` session exists, and its work is tested elsewhere.

    The README's first command runs as a process; the others run in this one, which takes a fraction of the time.
    """
    (tmp_path / "voices.csv").write_text(_manifest(), encoding="utf-8")
    folder, settings = request.getfixturevalue("local_files") if "ada.wav" in snippet.text else (tmp_path, {})
    monkeypatch.chdir(folder)
    for name, value in {**settings, "COLUMNS": "120"}.items():
        monkeypatch.setenv(name, value)
    for line in snippet.text.splitlines():
        for command in line.removeprefix("$ ").split(" && "):
            words = shlex.split(command)
            if words[:2] == ["kling-voices", "listen"]:
                _start_and_interrupt(words)
            elif words[0] == "kling-voices":
                code, stdout, stderr = (_run_process if snippet.language == "sh" else _run)(words)
                shows = "8400000000000000" if "--wait" in words else "task_id"  # the voice's id, or the task's
                shows = "ada.wav" if words[1] == "check" else shows
                if words[1] == "batch":
                    shows = "\tsend\t" if "--dry-run" in words else "\tsucceeded\t8400000000000000"
                assert (code, shows in stdout) == (0, True), stderr
            elif words[0] == "nox":
                assert "-s" not in words or f" {words[words.index('-s') + 1]} " in _sessions()
            else:
                is_tested_elsewhere = words[:2] == ["pip", "install"] or words[1] == "wrapper/write_sync_client.py"
                assert is_tested_elsewhere, f"nothing runs {command!r}"


def _run_process(words: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(words, env=_environment(), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def _run(words: list[str]) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, words[1:], prog_name=words[0])
    return done.exit_code, done.stdout, done.stderr


def _manifest() -> str:
    """The manifest of docs/bulk.md."""
    return next(snippet.text for snippet in SNIPPETS if snippet.text.startswith("voice_name,"))


def _start_and_interrupt(words: list[str]) -> None:
    """Start a command that ends with Ctrl-C only, and end it as soon as it says what it does."""
    with subprocess.Popen(words, env=_environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert "until Ctrl-C" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link of a page leads to a file."""
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_pages_made_from_data_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """`nox -s docs` would change nothing."""
    import runpy

    monkeypatch.syspath_prepend(str(ROOT / "openapi"))
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    made = runpy.run_path(str(ROOT / "docs" / "write_pages.py"))["PAGES"]
    for name, make in made.items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == make(), f"run `nox -s docs` for {name}"


def test_ci_runs_the_readmes_command() -> None:
    """`.ci/run` takes the test command from the README, so the two cannot differ."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    told = subprocess.run(
        ["bash", "-c", re.search(r"^command=.*$", script, re.MULTILINE)[0] + '\nprintf "%s\\n" "$command"'],  # type: ignore[index]
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout in [snippet.text for snippet in SNIPPETS if snippet.language == "sh"][1:]


def test_the_faults_are_those_of_the_mock() -> None:
    """The page lists each way to misbehave in the words of the code."""

    def rows(text: str) -> list[str]:
        return [line.replace("`", "") for line in text.splitlines() if re.match(r"\| `?[a-z_]+`? \| (yes|no) \|", line)]

    page = (ROOT / "docs" / "mock.md").read_text(encoding="utf-8")
    assert rows(page) == rows(_faults.__doc__ or "")
    assert len(rows(page)) == len(_faults.KINDS)
