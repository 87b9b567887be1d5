"""The page of the served mock in Chromium. Skipped where Playwright or a browser is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from kling_voices.mock import MockGateway

from tests.mock.requests import CREATE
from tests.support.threads import open_in_thread

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if BROWSER is None:
    pytest.skip("no Chromium is installed", allow_module_level=True)

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KEY = "sk-0123456789-secret"
SIGNED = "https://cdn.example.com/ada.mp3?X-Amz-Signature=abcdef0123456789"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all tests; it only connects to loopback."""
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def gateway() -> MockGateway:
    """A mock whose tasks end after an hour."""
    return MockGateway(KEY, creation_seconds=3600, parallel_tasks=5)


@pytest.fixture
def base_url(gateway: MockGateway) -> Iterator[str]:
    """The address of the served mock."""
    with open_in_thread(gateway.serve()) as address:
        yield address


@pytest.fixture(params=[{"width": 1280, "height": 860}, {"width": 390, "height": 800}], ids=["desktop", "phone"])
def page(browser: Any, base_url: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page, whose timers run 20 times as fast; a script error fails the test."""
    opened = browser.new_page(viewport=request.param)
    opened.add_init_script("const timeout = setTimeout; setTimeout = (run, delay) => timeout(run, delay / 20)")
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(f"{base_url}/_mock/")
    _expect(opened, "#connection", "Live")
    yield opened
    opened.close()
    assert errors == []


def _create(base_url: str, external_task_id: str, name: str = "Ada") -> httpx.Response:
    body = {"voice_name": name, "voice_url": SIGNED, "external_task_id": external_task_id}
    return httpx.post(base_url + CREATE, json=body, headers={"authorization": f"Bearer {KEY}"})


def _expect(page: Any, selector: str, text: str) -> None:
    playwright.expect(page.locator(selector)).to_contain_text(text)


def test_the_page_updates_live(page: Any, base_url: str) -> None:
    """A task appears without reloading, and its status changes when time moves forward."""
    playwright.expect(page.locator("#no-tasks")).to_be_visible()
    _create(base_url, "order-1")
    _expect(page, "#task-rows", "order-1")
    _expect(page, "#task-rows", "submitted")
    page.get_by_role("spinbutton", name="Seconds", exact=True).fill("3600")
    page.get_by_role("button", name="Move forward").click()
    _expect(page, "#task-rows", "succeed")
    _expect(page, "#charge-count", "1")
    _expect(page, "#advanced", "3600 s")


def test_faults_by_keyboard(page: Any, base_url: str, gateway: MockGateway) -> None:
    """A fault is switched on and off by keyboard alone."""
    page.get_by_role("combobox", name="Fault").select_option("shape_before")
    page.get_by_role("combobox", name="Response").select_option("HTML 503")
    page.get_by_role("button", name="Switch on").focus()
    page.keyboard.press("Enter")
    _expect(page, "#fault-list", "shape_before")
    assert _create(base_url, "order-1").status_code == 503
    page.get_by_role("button", name="Switch shape_before off").focus()
    page.keyboard.press("Enter")
    playwright.expect(page.locator("#fault-list")).to_be_empty()
    assert _create(base_url, "order-1").status_code == 200
    assert len(gateway.tasks) == 1


def test_an_exchange_in_full(page: Any, base_url: str) -> None:
    """Request, response and cURL are shown in a dialog, without secrets; Escape closes it and the focus returns."""
    _create(base_url, "order-1", "<b>Ada</b>")
    button = page.locator("#exchange-rows button").first
    button.focus()
    page.keyboard.press("Enter")
    _expect(page, "#request", "<b>Ada</b>")
    _expect(page, "#response", '"task_status": "submitted"')
    _expect(page, "#curl", "Authorization: Bearer $KLING_API_KEY")
    content = page.content()
    assert KEY not in content
    assert "abcdef0123456789" not in content
    page.keyboard.press("Escape")
    playwright.expect(page.locator("#exchange")).not_to_be_visible()
    playwright.expect(page.locator("#exchange-rows button").first).to_be_focused()


def test_nothing_is_wider_than_the_screen(page: Any, base_url: str) -> None:
    """The page does not scroll sideways, also with long ids."""
    _create(base_url, "x" * 150)
    _expect(page, "#task-rows", "xxx")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_contrast(page: Any, base_url: str) -> None:
    """Each text has a contrast of at least 4.5 (WCAG AA), in both colour schemes."""
    _create(base_url, "order-1")
    _expect(page, "#task-rows", "order-1")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("scheme => matchMedia(`(prefers-color-scheme: ${scheme})`).matches", scheme)
        assert page.evaluate(_CONTRAST) == [], scheme


_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const linear = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = rgba(getComputedStyle(node).backgroundColor);
      if (color[3] === 255) return color;
    }
    return rgba("white");
  };
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const hasText = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!hasText || !node.checkVisibility() || ["SCRIPT", "STYLE", "OPTION"].includes(node.tagName)) continue;
    const [a, b] = [light(rgba(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${node.tagName} ${node.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return found;
}"""
