"""The page of the served mock and its JSON API, without a browser."""

from __future__ import annotations

import json
import re
import shlex
from collections import deque
from html.parser import HTMLParser
from typing import Any

import pytest
from kling_voices.mock import Fault, MockGateway, VirtualClock
from kling_voices.mock._callbacks import Delivery
from kling_voices.mock._messages import Reply, Request
from kling_voices.mock._tasks.task import Callback
from kling_voices.mock._ui.routes import UserInterface

from tests.mock.requests import CREATE, Answer, ask, send

KEY = "sk-0123456789-secret"
SIGNATURE = "X-Amz-Signature=abcdef0123456789"
SIGNED = f"https://ada:pass9876@cdn.example.com/ada.mp3?{SIGNATURE}"
VOICE = {"voice_name": "Ada", "voice_url": SIGNED, "callback_url": f"http://127.0.0.1/hook?{SIGNATURE}"}
JSON = ("content-type", "application/json")


class Page:
    """The user interface of one mock."""

    def __init__(self, **options: Any) -> None:
        self.clock = VirtualClock()
        self.gateway = MockGateway(KEY, clock=self.clock, creation_seconds=10, **options)
        self.deliveries: deque[Delivery] = deque()
        self._interface = UserInterface(self.gateway, self.gateway._core, self.deliveries, [KEY, "whsec_c2VjcmV0"])

    def create(self, body: Any = None, *headers: tuple[str, str]) -> Reply:
        """Send a create to the mock."""
        given = [("authorization", f"Bearer {KEY}"), JSON, ("host", "127.0.0.1:8765"), *headers]
        return self.gateway.reply(Request("POST", CREATE, "", given, json.dumps(body or VOICE).encode()))

    def send(self, method: str, path: str, body: Any = None, *headers: tuple[str, str]) -> Reply:
        """Send a request to the page."""
        content = b"" if body is None else json.dumps(body).encode()
        given = [("host", "127.0.0.1:8765"), *([JSON] if body is not None else []), *headers]
        return self._interface.reply(Request(method, path, "", given, content))

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Send a request to the JSON API."""
        reply = self.send(method, f"/_mock/api/{path}", body)
        return Answer(reply.status, json.loads(reply.body) if reply.body else None)


@pytest.fixture
def page() -> Page:
    """The page of a mock without tasks."""
    return Page()


def test_tasks_and_charges(page: Page) -> None:
    """Tasks are shown with their statuses, the newest first; each is one charge."""
    page.create()
    page.clock.advance(10)
    page.create({**VOICE, "external_task_id": "order-2"})
    state = page.ask("GET", "state").content
    assert [(task["task_id"], task["status"], task["external_task_id"]) for task in state["tasks"]] == [
        ("830000000000000002", "submitted", "order-2"),
        ("830000000000000001", "succeed", None),
    ]
    assert state["charges"] == {"count": 2, "units": "0.10"}
    assert state["places"] == {"limit": None, "occupied": 0, "running": 1}


def test_exchanges(page: Page) -> None:
    """Each exchange is shown as request, response and cURL."""
    page.create()
    [summary] = page.ask("GET", "state").content["exchanges"]
    exchange = page.ask("GET", "exchanges/1").content
    assert {name: exchange[name] for name in summary} == summary
    assert (exchange["method"], exchange["target"], exchange["status"]) == ("POST", CREATE, 200)
    assert json.loads(exchange["request"]["body"])["voice_name"] == "Ada"
    assert json.loads(exchange["response"]["body"])["data"]["task_id"] == "830000000000000001"
    assert ["x-request-id", "mock-00000001"] in exchange["response"]["headers"]
    words = shlex.split(exchange["curl"])
    assert words[:4] == ["curl", "-X", "POST", f"http://127.0.0.1:8765{CREATE}"]
    assert words[4:8] == ["-H", "Authorization: Bearer $KLING_API_KEY", "-H", "Content-Type: application/json"]
    assert json.loads(words[words.index("--data-raw") + 1])["voice_name"] == "Ada"


def test_a_curl_command_does_the_same(page: Page) -> None:
    """The words of a cURL command, sent to the mock with the key, give the same response."""
    body = {"voice_name": 'O\'Hara "x"', "video_id": "830460928805724256"}
    page.create(body)
    words = shlex.split(page.ask("GET", "exchanges/1").content["curl"])
    headers = dict(word.split(": ") for word in words if ": " in word and not word.startswith("{"))
    given = [(name.lower(), text.replace("$KLING_API_KEY", KEY)) for name, text in headers.items()]
    path = words[3].removeprefix("http://127.0.0.1:8765")
    reply = page.gateway.reply(Request(words[2], path, "", given, words[-1].encode()))
    assert reply.status == 200
    assert [task.body for task in page.gateway.tasks] == [body, body]


def test_no_secrets(page: Page) -> None:
    """Neither the key nor a signed part of a URL is in anything that the page shows, however it was sent."""
    page.create(None, ("cookie", f"key={KEY}"), ("x-api-key", KEY), ("user-agent", f"agent {KEY}"))
    page.create({**VOICE, "external_task_id": KEY, "voice_name": KEY})
    page.gateway.reply(Request("GET", f"/{KEY}", f"key={KEY}&pageNum={KEY}", [("host", "x")], SIGNED.encode()))
    page.gateway.reply(Request("GET", CREATE, f"signature={SIGNATURE}&pageSize=1", [], f"see {SIGNED}".encode()))
    page.deliveries.append(Delivery(Callback(SIGNED, {"task_status": "succeed"}), "200"))
    shown = [page.send("GET", f"/_mock/api/{path}") for path in ("state", *(f"exchanges/{n}" for n in (1, 2, 3, 4)))]
    assert [reply.status for reply in shown] == [200] * 5
    text = b"".join(reply.body for reply in shown).decode()
    for secret in (KEY, "abcdef0123456789", "pass9876"):
        assert secret not in text
    assert "https://cdn.example.com/ada.mp3?…" in text
    assert "pageSize=1" in text


def test_faults_are_switched(page: Page) -> None:
    """A fault is switched on, happens, is counted, and is switched off."""
    number = page.ask("POST", "faults", {"kind": "shape_before", "shape": "HTML 502", "times": 2}).content["number"]
    assert page.create().status == 502
    [shown] = page.ask("GET", "state").content["faults"]
    assert (shown["kind"], shown["times"], shown["count"], shown["operation"]) == ("shape_before", 2, 1, None)
    assert page.ask("GET", "state").content["exchanges"][0]["fault"] == "shape_before"
    assert page.ask("DELETE", f"faults/{number}") == (204, None)
    assert page.create().status == 200
    for kind in ("refuse", "no_answer"):
        page.ask("POST", "faults", {"kind": kind, "operation": "create_custom_voice", "rate": 0.5, "seconds": None})
    assert page.ask("DELETE", "faults") == (204, None)
    assert page.ask("GET", "state").content["faults"] == []


def test_time_moves_forward(page: Page) -> None:
    """Moving time forward ends tasks, and is shown."""
    page.create()
    assert page.ask("POST", "time", {"seconds": 10}) == (200, {"advanced_seconds": 10})
    state = page.ask("GET", "state").content
    assert (state["tasks"][0]["status"], state["advanced_seconds"]) == ("succeed", 10)


def test_places_are_taken() -> None:
    """Another customer takes places, and a create is refused."""
    page = Page(parallel_tasks=1)
    assert page.ask("POST", "places", {"occupied": 1}) == (200, {"occupied": 1})
    assert json.loads(page.create().body)["code"] == 1303
    assert page.ask("GET", "state").content["places"] == {"limit": 1, "occupied": 1, "running": 0}


def test_callbacks_are_shown(page: Page) -> None:
    """The latest deliveries, the newest first, in both forms of the body."""
    for number, body in enumerate(({"task_status": "processing"}, {"status": "succeeded"})):
        page.deliveries.append(Delivery(Callback("http://127.0.0.1/", body, f"msg_{number}", 0.0, number == 1), "200"))
    shown = page.ask("GET", "state").content["callbacks"]
    assert [(each["id"], each["status"], each["is_forged"]) for each in shown] == [
        ("msg_1", "succeeded", True),
        ("msg_0", "processing", False),
    ]


def test_an_unchanged_state_is_not_sent_again(page: Page) -> None:
    """With its ETag, an unchanged state is 304; each change gives another ETag."""
    tag = dict(page.send("GET", "/_mock/api/state").headers)["etag"]
    assert page.send("GET", "/_mock/api/state", None, ("if-none-match", tag)).status == 304
    page.create()
    assert page.send("GET", "/_mock/api/state", None, ("if-none-match", tag)).status == 200
    later = dict(page.send("GET", "/_mock/api/state").headers)["etag"]
    page.clock.advance(2)
    assert page.send("GET", "/_mock/api/state", None, ("if-none-match", later)).status == 200


def test_what_can_be_chosen(page: Page) -> None:
    """Operations, kinds of faults with descriptions, and shapes."""
    options = page.ask("GET", "options").content
    assert {"create_custom_voice", "list_preset_voices"} <= set(options["operations"])
    assert {"kind": "lose_callback", "description": "the response, and no callbacks"} in options["fault_kinds"]
    assert all(Fault(each["kind"]) for each in options["fault_kinds"])
    assert "HTML 502" in options["shapes"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "nothing", None, 404, "there is no /_mock/api/nothing"),
        ("GET", "exchanges/7", None, 404, "exchange 7 is not remembered"),
        ("GET", "exchanges/x", None, 404, "exchange x is not remembered"),
        ("DELETE", "faults/7", None, 404, "fault 7 is not switched on"),
        ("POST", "state", {}, 405, "the method POST is invalid here; use GET"),
        ("GET", "faults", None, 405, "the method GET is invalid here; use POST or DELETE"),
        ("POST", "faults", None, 415, "the body must be application/json"),
        ("POST", "faults", [], 400, "the body must be an object"),
        ("POST", "faults", {}, 400, "the body needs the field 'kind'"),
        ("POST", "faults", {"kind": "explode"}, 400, "there is no fault 'explode'"),
        ("POST", "faults", {"kind": 7}, 400, "the field 'kind' has the wrong type"),
        ("POST", "faults", {"kind": "refuse", "times": True}, 400, "the field 'times' has the wrong type"),
        ("POST", "faults", {"kind": "refuse", "colour": "red"}, 400, "there is no field 'colour'"),
        ("POST", "faults", {"kind": "refuse", "operation": "fly"}, 400, "there is no operation 'fly'"),
        ("POST", "faults", {"kind": "refuse", "rate": 7}, 400, "the rate of a fault is 7"),
        ("POST", "time", {"seconds": -1}, 400, "seconds is -1; give 0 to"),
        ("POST", "time", {}, 400, "the body needs the field 'seconds'"),
        ("POST", "places", {"occupied": 1.5}, 400, "the field 'occupied' has the wrong type"),
        ("POST", "places", {"occupied": -1}, 400, "places is -1; give 0 or more"),
    ],
)
def test_wrong_requests(page: Page, method: str, path: str, body: Any, status: int, message: str) -> None:
    """One sentence says what is wrong."""
    answer = page.ask(method, path, body)
    assert answer.status == status
    assert message in answer.content["error"]


def test_a_body_that_is_not_json(page: Page) -> None:
    """It is refused like any other wrong body."""
    interface = UserInterface(page.gateway, page.gateway._core, [], [])
    reply = interface.reply(Request("POST", "/_mock/api/faults", "", [("host", "x"), JSON], b"{"))
    assert (reply.status, json.loads(reply.body)) == (400, {"error": "the body is not valid JSON"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("host", "127.0.0.1:8765")], 200),
        ([("host", "localhost:8765"), ("origin", "http://localhost:8765")], 200),
        ([("host", "[::1]:8765")], 200),
        ([("host", "mock")], 200),
        ([("host", "rebound.example.com:8765")], 403),
        ([("host", "127.0.0.1:8765"), ("origin", "https://example.com")], 403),
        ([("host", "127.0.0.1:8765"), ("origin", "null")], 403),
    ],
)
def test_other_sites_cannot_use_the_page(page: Page, headers: list[tuple[str, str]], status: int) -> None:
    """A request from another site, or to a public name that leads to this machine, is refused."""
    interface = UserInterface(page.gateway, page.gateway._core, [], [])
    assert interface.reply(Request("GET", "/_mock/api/state", "", headers, b"")).status == status


def test_the_page_is_no_exchange(page: Page) -> None:
    """Looking at the page changes nothing, and faults do not happen to it."""
    page.gateway.misbehave(Fault("refuse"))
    page.send("GET", "/_mock/")
    assert page.ask("GET", "state").content["exchanges"] == []


def test_in_process_there_is_no_page(gateway: MockGateway) -> None:
    """Only `serve` has it: in process, the contract alone decides which paths exist."""
    assert send(gateway, "GET", "/_mock/").status == 404
    assert ask(gateway, "GET", "/_mock/api/state").content["code"] == 1203


class _Elements(HTMLParser):
    """The elements of a page: names, attributes, and the form elements without a label."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.unlabelled: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.found.append((tag, dict(attrs)))
        if tag in {"input", "select"} and "label" not in self._open:
            self.unlabelled.append(tag)
        if tag not in {"input", "meta", "link"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass


def test_the_html(page: Page) -> None:
    """One page without other files; labelled, with a language, a title, a viewport, headings and live regions."""
    reply = page.send("GET", "/_mock/")
    text = reply.body.decode()
    elements = _Elements(text)
    names = [name for name, _ in elements.found]
    assert elements.unlabelled == []
    assert {"html", "title", "main", "h1", "h2", "dialog", "table"} <= set(names)
    assert ("html", {"lang": "en"}) in elements.found
    assert any(attributes.get("name") == "viewport" for _, attributes in elements.found)
    assert sum(attributes.get("role") == "status" for _, attributes in elements.found) == 2
    assert not re.findall(r"https?://", text)
    assert not [attributes for _, attributes in elements.found if attributes.get("src")]
    assert "prefers-color-scheme: dark" in text
    assert "innerHTML" not in text  # what clients send is never read as HTML
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'byId\("([\w-]+)"\)', text)) <= set(ids)
    headers = dict(reply.headers)
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert dict(page.send("GET", "/_mock").headers)["location"] == "/_mock/"
    assert page.send("HEAD", "/_mock/").status == 200
    assert page.send("POST", "/_mock/").status == 405


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/_mock/api/exchanges/{'9' * 5000}"),
        ("DELETE", f"/_mock/api/faults/{'9' * 5000}"),
        ("GET", "/_mock/\udc80"),
    ],
)
def test_hostile_paths(page: Page, method: str, path: str) -> None:
    """A number with thousands of digits, and a path that is no text, are not found."""
    assert page.send(method, path).status == 404


def test_an_exchange_that_is_no_text(page: Page) -> None:
    """A request whose JSON has an unpaired surrogate is refused by the mock, and shown."""
    assert page.create({"voice_name": "\ud83d", "voice_url": SIGNED}).status == 400
    assert page.ask("GET", "exchanges/1").status == 200


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e308])
def test_seconds_that_no_clock_has(page: Page, seconds: float) -> None:
    """Seconds of a fault are finite, so that the state stays valid JSON and a callback has a time."""
    assert page.ask("POST", "faults", {"kind": "late_callback", "seconds": seconds}).status == 400
    assert page.ask("GET", "state").content["faults"] == []
