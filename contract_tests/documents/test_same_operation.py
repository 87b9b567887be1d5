"""The two supplied documents describe the same operation; the differences that exist are listed, and no others."""

from __future__ import annotations

import pytest
from pipeline.ingest import store

from contract_tests.harness.pages import Field, read_page
from tests import pages

PAGE = read_page((pages.SUPPLIED / "kkiai-custom-voices.page.md").read_text(encoding="utf-8"))
SUPPLIED = store.load_supplied(pages.SUPPLIED)["chainhub-custom-voices"]
CREATE = SUPPLIED["paths"]["/kling/v1/general/custom-voices"]["post"]
MEDIA = CREATE["requestBody"]["content"]["application/json"]
SCHEMA = MEDIA["schema"]

# What differs, and only this: (what, in chainhub's YAML, on kkiai's page).
DIFFERENCES = {
    ("host", "https://api.chainhub.tech", "https://www.kkiai.com"),
    ("summary", "Custom tone", "Custom Voice"),
    ("description of voice_name", True, False),
    ("voice_name of the answer's example", "Test tone", "test voice"),
}


def _found() -> set[tuple[str, object, object]]:
    yaml_answer = CREATE["responses"]["200"]["content"]["application/json"]["example"]
    title = (pages.SUPPLIED / "kkiai-custom-voices.page.md").read_text(encoding="utf-8").splitlines()[1]
    pairs: dict[str, tuple[object, object]] = {
        "method": ("POST", PAGE.method),
        "path": (next(iter(SUPPLIED["paths"])), PAGE.path),
        "host": (SUPPLIED["servers"][0]["url"], PAGE.host),
        "media type": (next(iter(CREATE["requestBody"]["content"])), PAGE.media_type),
        "summary": (CREATE["summary"], title),
    }
    for name, schema in SCHEMA["properties"].items():
        pairs[f"description of {name}"] = ("description" in schema, bool(PAGE.descriptions.get(name)))
    for name in yaml_answer.keys() | PAGE.answer_example.keys():
        pairs[f"{name} of the answer's example"] = (yaml_answer.get(name), PAGE.answer_example.get(name))
    return {(what, left, right) for what, (left, right) in pairs.items() if left != right}


def test_body_fields() -> None:
    """Names, order, types and required marks of the body are the same."""
    expected = tuple(
        Field(name, member["type"], name in SCHEMA["required"]) for name, member in SCHEMA["properties"].items()
    )
    assert expected == PAGE.body


def test_header_fields() -> None:
    """Names, order, types and required marks of the declared headers are the same."""
    assert PAGE.headers == tuple(
        Field(parameter["name"], parameter["schema"]["type"], parameter["required"])
        for parameter in CREATE["parameters"]
    )


def test_request_example_names_the_fields() -> None:
    """The page's example of a request has exactly the fields of the YAML."""
    assert list(PAGE.request_example) == list(SCHEMA["properties"])


def test_only_the_listed_differences_exist() -> None:
    """Host and wording differ as listed; anything else that differs is news."""
    assert _found() == DIFFERENCES


@pytest.mark.parametrize("words", ["5 seconds", "30 seconds", ".mp3/.wav/.mp4/.mov"])
def test_both_state_the_rules_of_the_audio(words: str) -> None:
    """The limits of the audio stand in both texts."""
    assert words in PAGE.descriptions["voice_url"]
    assert words in SCHEMA["properties"]["voice_url"]["description"]


def test_the_supplied_page_holds_the_supplied_yaml() -> None:
    """The YAML file is the fenced block of chainhub's page, exactly."""
    folder = pages.SUPPLIED
    page = (folder / "chainhub-custom-voices.page.md").read_text(encoding="utf-8")
    fenced = page.split("```yaml\n")[1].split("```")[0]
    assert fenced == (folder / "chainhub-custom-voices.yaml").read_text(encoding="utf-8")
