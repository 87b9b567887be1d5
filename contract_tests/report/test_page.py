"""The report of a run: its contents, that it works from disk and on a phone, and that it contains no secrets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from contract_tests.harness.provider_run import Failure, ProviderRun
from contract_tests.harness.recorded_request import RecordedRequest
from contract_tests.mutants.catalog import read_faults
from contract_tests.report import page
from contract_tests.report.collected import Collected, Failed
from tests.support.repository import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SENT = RecordedRequest.of(
    "POST",
    "http://mock/kling/v1/general/custom-voices",
    [("Authorization", "Bearer mock-key"), ("Content-Type", "application/json"), ("Host", "mock")],
    b'{"voice_name": "Ada", "video_id": "1"}',
)
FAILURE = Failure(
    "response_schema_conformance", "the body is <b>not</b> what the contract describes", "create_custom_voice", SENT
)


@pytest.fixture
def collected() -> Collected:
    """A run with a failure of each kind, and results of seeded faults."""
    run = ProviderRun(seconds=2.0, phases={"fuzzing": "failure"}, failures=[FAILURE])
    run.statuses.update({("create_custom_voice", 200): 30, ("create_custom_voice", 400): 20})
    return Collected(
        outcomes=Counter({("contract_tests/consumer/test_responses.py", "passed"): 8}),
        docs={"contract_tests/consumer/test_responses.py": "Any response becomes a task or an error."},
        failed=[
            Failed("contract_tests/x.py::test_y", "assert 1 == 2 <script>", SENT),
            Failed("contract_tests/x.py::test_z", "assert 2 == 3"),
        ],
        run=run,
        faults=[
            {"group": "client", "name": "x", "consequence": "y", "caught_by": "tests/t.py::t", "seconds": 2.0},
            {"group": "mock", "name": "z", "consequence": "w", "caught_by": None, "seconds": 3.0},
        ],
    )


class _Page(HTMLParser):
    """The tags, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a tag and keep its link."""
        self.tags[tag] += 1
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def test_contents(collected: Collected, tmp_path: Path) -> None:
    """The page shows the result, counts, failures with their requests, thresholds, and the faults that survived."""
    shown = _Page(page.write(collected, tmp_path).read_text(encoding="utf-8"))
    for words in (
        "Failed: a test failed",
        "create_custom_voice",
        "curl -X POST",
        "the body is <b>not</b> what the contract describes",
        "contract_tests/x.py::test_y",
        "Any response becomes a task or an error.",
        "1 / 2",
        "survived",
    ):
        assert words in " ".join(shown.text.split())
    assert shown.tags["script"] == 0, "the message of a failure is escaped"


def test_the_page_works_from_disk(collected: Collected, tmp_path: Path) -> None:
    """Every link leads to a file in the same folder, so the page needs no network."""
    shown = _Page(page.write(collected, tmp_path).read_text(encoding="utf-8"))
    assert shown.links == ["replay_1_test.py", "replay_2_test.py"]
    assert {path.name for path in tmp_path.glob("replay_*")} == set(shown.links)


def test_a_green_run(tmp_path: Path) -> None:
    """A run passes if a test ran and none failed; an empty run does not."""
    green = Collected(outcomes=Counter({("m", "passed"): 1}))
    assert "Passed: clients" in page.write(green, tmp_path).read_text(encoding="utf-8")
    assert green.is_green
    assert not Collected().is_green


def test_a_failed_request_can_be_sent_again(collected: Collected, tmp_path: Path) -> None:
    """The file beside the page is a test that sends the request and prints the response."""
    page.write(collected, tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "replay_1_test.py"]
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert '200 {"code":0' in again.stdout
    assert "the body is <b>not</b> what the contract describes" in again.stdout


_SERVER = """
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        received = {"path": self.path, "key": self.headers["Authorization"], "type": self.headers["Content-Type"]}
        print(json.dumps({**received, "body": body.decode("latin-1")}), flush=True)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.handle_request()
"""


CURL = shutil.which("curl")
BODIES = [b'{"a": "it\'s \xc3\xa9"}', b"\xff\x00\\'\n%", b'"$HOME" `id`']


@pytest.mark.skipif(CURL is None or shutil.which("bash") is None, reason="no curl or no bash is installed")
@pytest.mark.parametrize("body", BODIES)
def test_the_curl_command_sends_the_request(body: bytes) -> None:
    """In bash, the command sends path, headers and body byte for byte, with the key of the variable."""
    headers = [("authorization", "Bearer mock-key"), ("content-type", "text/x; a='b'")]
    command = RecordedRequest.of("POST", "/p?a=1&b=%20", headers, body).curl
    with subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        environment = {"KLING_GATEWAY": f"http://127.0.0.1:{server.stdout.readline().strip()}", "KLING_API_KEY": "k-1"}
        subprocess.run(["bash", "-c", command], env={**os.environ, **environment}, check=True, timeout=20)
        received = json.loads(server.stdout.readline())
    assert received["body"].encode("latin-1") == body
    assert (received["path"], received["key"], received["type"]) == ("/p?a=1&b=%20", "Bearer k-1", "text/x; a='b'")


@pytest.mark.parametrize("authorization", [None, "Bearer mock-keyx", "Basic mock-key", "Bearer somebody-elses"])
def test_a_wrong_key_stays_wrong(authorization: str | None) -> None:
    """The key is replaced by a variable, the errors around it stay, and no other token is shown."""
    shown = RecordedRequest.of("GET", "/", [("authorization", authorization)] if authorization else [], b"")
    expected = authorization and authorization.replace("mock-key", "${KLING_API_KEY}").replace("somebody-elses", "…")
    assert shown.headers.get("authorization") == expected


_FAILING_TESTS = """
import httpx, pytest
from contract_tests.harness.provider_run import ProviderRun
from contract_tests.report.collected import PROVIDER_RUN
from tests.support.clients import open_client

@pytest.mark.parametrize("operation", ["delete_custom_voice", "create_custom_voice"])
def test_request(operation):
    with open_client("sync", lambda request: httpx.Response(500)) as call:
        call("call", operation, body={"voice_id": operation, "voice_name": operation, "video_id": "1"})

def test_without_request():
    assert False

def test_provider_run(request):
    run = ProviderRun()
    run.statuses["create_custom_voice", 200] = 12345
    request.config.stash[PROVIDER_RUN] = run
"""


@pytest.mark.parametrize("processes", ["-n0", "-n1"], ids=["one process", "xdist"])
def test_a_failing_test_shows_its_last_request(tmp_path: Path, processes: str) -> None:
    """The page shows each failed test with its last request, to be sent again, and the provider run."""
    (tmp_path / "conftest.py").write_text("from contract_tests.conftest import *\n", encoding="utf-8")
    (tmp_path / "test_requests.py").write_text(
        f'"""The docstring of the module."""\n{_FAILING_TESTS}', encoding="utf-8"
    )
    folder = tmp_path / "report"
    command = [sys.executable, "-m", "pytest", "-q", processes, "--rootdir", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "openapi")))}
    done = subprocess.run(
        [*command, "--contract-report", str(folder), str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"report: {folder / 'index.html'}" in done.stdout
    shown = (folder / "index.html").read_text(encoding="utf-8")
    assert "12345" in shown
    assert "The docstring of the module." in shown
    replays = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("replay_*_test.py")}
    assert replays.keys() == {"replay_1_test.py", "replay_2_test.py"}
    assert "delete_custom_voice" in replays["replay_1_test.py"]
    assert "${KLING_GATEWAY}" in shown


def test_a_stream_is_shown_without_its_body() -> None:
    """The body of a request is omitted if it was not read."""
    request = httpx.Request("POST", "http://mock/", content=iter([b"x"]))
    assert RecordedRequest.from_httpx(request).body == b""


def test_a_partial_run_of_the_faults_is_shown_as_partial(collected: Collected, tmp_path: Path) -> None:
    """Faults that the last run left out count as not caught, so that some faults never look like all of them."""
    (tmp_path / "scoreboard.json").write_text(json.dumps(collected.faults), encoding="utf-8")
    collected.read_scoreboard(tmp_path / "scoreboard.json")
    text = " ".join(_Page(page.write(collected, tmp_path).read_text(encoding="utf-8")).text.split())
    assert collected.faults_not_run == len(read_faults())
    assert f"1 / {2 + len(read_faults())}" in text
    assert f"{len(read_faults())} other faults were not run." in text


def test_secrets_are_redacted(collected: Collected, tmp_path: Path) -> None:
    """A key and a signature in the message of a failed test are redacted."""
    secret = "https://cdn.example.com/a.mp3?sig=MARKED and Bearer MARKED"
    report = pytest.TestReport("n::t", ("f", 1, "t"), {}, "failed", secret, "call")
    collected.add(report)
    assert "MARKED" not in page.write(collected, tmp_path).read_text(encoding="utf-8")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed; Debian's package is `chromium`")
@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser(collected: Collected, tmp_path: Path, width: int) -> None:
    """Chromium renders the page at the width of a phone and of a screen, without horizontal scrolling."""
    file = page.write(collected, tmp_path)
    probe = file.read_text(encoding="utf-8").replace(
        "</body>",
        "<script>document.title = document.documentElement.scrollWidth + '/' + innerWidth</script></body>",
    )
    (tmp_path / "probe.html").write_text(probe, encoding="utf-8")
    dumped = _chromium(tmp_path, width, "--dump-dom", (tmp_path / "probe.html").as_uri())
    measured = dumped.split("<title>")[1].split("</title>")[0]
    scroll_width, inner_width = (int(number) for number in measured.split("/"))
    assert scroll_width <= inner_width
    _chromium(tmp_path, width, f"--screenshot={tmp_path / 'page.png'}", file.as_uri())
    assert (tmp_path / "page.png").read_bytes()[:4] == b"\x89PNG"


def _chromium(folder: Path, width: int, *arguments: str) -> str:
    quiet = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]
    where = [f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900"]
    done = subprocess.run([*command, *where, *arguments], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout
