"""Each gap of the supplied document is still there, and what mends it exists; a closed gap says what to delete."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
from pipeline.diff.gaps import GAPS, Gap, View
from pipeline.spec.operations import Place

from contract_tests.harness.contract import SUPPLIED, body_schema
from tests.support.repository import CREATE_PATH, ROOT

CREATE = Place(CREATE_PATH, "post")
MOVED = Place(f"/v2{CREATE_PATH}", "post")

_named = pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.name)


@_named
def test_the_gap_is_still_there(gap: Gap) -> None:
    """The supplied documents still have the gap; if not, the message says what to delete."""
    assert gap.is_open(View(SUPPLIED, CREATE)), f"the gap {gap.name!r} is closed: {gap.when_closed}"


@_named
def test_the_mend_exists(gap: Gap) -> None:
    """Every file, and every name in backticks after it, to which the ledger points, exists."""
    for place in gap.mended_by.split(";"):
        found = re.match(r"\s*([\w./]+\.(?:py|yaml))(?::(.*))?", place)
        if found is None:
            continue
        text = (ROOT / found[1]).read_text(encoding="utf-8")
        for name in re.findall(r"`([\w$.]+)`", found[2] or ""):
            assert name in text, f"{found[1]} does not speak of {name}"


def _filled_in() -> dict[str, Any]:
    """A document as good as the supplied one is bad."""
    document = deepcopy(SUPPLIED)
    create = document["paths"].pop(CREATE_PATH)["post"]
    document["paths"] = {MOVED.path: {"post": create, "get": {"responses": {"200": {"description": "all"}}}}}
    document["info"].update(title="Kling", description="Voices")
    document["servers"].append({"url": "https://www.kkiai.com"})
    document["components"]["schemas"]["Task"] = {"type": "object"}
    create.update(operationId="create", tags=["voices"], description="Makes a voice", parameters=[])
    create["requestBody"]["required"] = True
    create["requestBody"]["content"]["application/json"].pop("examples")
    schema = body_schema({"paths": {CREATE_PATH: {"post": create}}})
    schema["oneOf"] = [{"required": ["voice_url"]}, {"required": ["video_id"]}]
    for member in schema["properties"].values():
        member.update(minLength=1, maxLength=20, format="uri", description="what it is")
    media = create["responses"]["200"]["content"]["application/json"]
    media.update(schema={"type": "object", "properties": {"code": {"type": "integer"}}}, example={"code": 0})
    create["responses"]["400"] = {"description": "refused"}
    for node in (create, schema, create["responses"]["200"]):
        for key in [key for key in node if key.startswith("x-")]:
            del node[key]
    create.pop("x-run-in-apifox", None)
    return document


@_named
def test_the_gap_can_close(gap: Gap) -> None:
    """On a document that fills it in, the gap is closed: the test above can fail."""
    assert not gap.is_open(View(_filled_in(), MOVED))
