"""Each gap of the first supplied document is recognised, can close, and is covered by something that exists."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
from pipeline.diff.gaps import GAPS, Gap, View
from pipeline.ingest import store
from pipeline.spec.operations import Place

from tests import pages
from tests.support.repository import ROOT

SUPPLIED = store.load_supplied(pages.SUPPLIED)["chainhub-custom-voices"]
CREATE = Place("/kling/v1/general/custom-voices", "post")
MOVED = Place(f"/v2{CREATE.path}", "post")

_named = pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.name)


@_named
def test_the_gap_is_open(gap: Gap) -> None:
    """The first published version of the supplied document has the gap."""
    assert gap.is_open(View(SUPPLIED, CREATE))


@_named
def test_what_covers_it_exists(gap: Gap) -> None:
    """Every file, and every name in backticks after it, to which the ledger points, exists."""
    for place in gap.covered_by.split(";"):
        found = re.match(r"\s*([\w./]+\.(?:py|yaml))(?::(.*))?", place)
        if found is None:
            continue
        text = (ROOT / found[1]).read_text(encoding="utf-8")
        for name in re.findall(r"`([^`]+)`", found[2] or ""):
            assert name in text, f"{found[1]} does not contain {name}"


def _complete() -> dict[str, Any]:
    """The supplied document without any gap."""
    document = deepcopy(SUPPLIED)
    create = document["paths"].pop(CREATE.path)["post"]
    document["paths"] = {MOVED.path: {"post": create, "get": {"responses": {"200": {"description": "all"}}}}}
    document["info"].update(title="Kling", description="Voices")
    document["servers"].append({"url": "https://www.kkiai.com"})
    document["components"]["schemas"]["Task"] = {"type": "object"}
    create.update(operationId="create", tags=["voices"], description="Creates a voice", parameters=[])
    create["requestBody"]["required"] = True
    request = create["requestBody"]["content"]["application/json"]
    request.pop("examples")
    schema = request["schema"]
    schema["oneOf"] = [{"required": ["voice_url"]}, {"required": ["video_id"]}]
    for member in schema["properties"].values():
        member.update(minLength=1, maxLength=20, format="uri", description="what it is")
    media = create["responses"]["200"]["content"]["application/json"]
    media.update(schema={"type": "object", "properties": {"code": {"type": "integer"}}}, example={"code": 0})
    create["responses"]["400"] = {"description": "refused"}
    for node in (create, schema, create["responses"]["200"]):
        for key in [key for key in node if key.startswith("x-")]:
            del node[key]
    return document


@_named
def test_the_gap_can_close(gap: Gap) -> None:
    """In a document that has what is missing, the gap is closed: the first test can fail."""
    assert not gap.is_open(View(_complete(), MOVED))
