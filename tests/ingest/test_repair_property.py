"""Unquoting the scalars of valid pages in the ways that published pages show."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from pipeline.ingest.repair import repair
from pipeline.spec import documents, yaml_text
from pipeline.spec.documents import DocumentError

from tests.support.hypothesis_profiles import amount

FRAGMENTS = [
    *(
        "Model",
        "name",
        "value",
        "x",
        "5",
        "on",
        "true",
        "null",
        "12",
        " ",
        " ",
        " ",
        ": ",
        ":",
        ", ",
        "[0, 2]",
        "[",
        "]",
    ),
    *("{", "}", "{{KEY}}", '"', "'", '"on"', " #1", "#", "- ", "-", "*", "&", "!", "|", ">", "%", "@", "`", "?", "\\"),
    *("：", "，", "（", "～", "\t", "~", "=", "<<", "é", "\u00a0", "type: string", "'s ", "!!str ", "http://a.b/c:d"),
]
TEXTS = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=7).map("".join)


def _is_quoted(text: str) -> bool:
    """Whether a text, unquoted, is another quoted scalar, so that nothing shows that quotes were lost."""
    if text[:1] not in {'"', "'"}:
        return False
    try:
        return isinstance(yaml_text.load(text), str)
    except Exception:  # noqa: BLE001 - any error of YAML means that this is not a quoted scalar
        return False


def _leaves_no_trace(text: str) -> bool:
    """Whether a text without its quotes is another: it loses blanks, or is a quoted scalar or a tag."""
    return text != text.strip() or not text or _is_quoted(text) or text.startswith("!!str ")


def _is_other_data(text: str) -> bool:
    """Whether a value that may have any type is, unquoted, another value."""
    try:
        return bool(yaml_text.load(f"key: {text}")["key"] != text) and " #" not in f" {text}"
    except Exception:  # noqa: BLE001 - what YAML cannot read is broken, and so to be repaired or refused
        return False


class _Writer:
    """Writes a page with some of its texts unquoted."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.unquoted = 0

    def text(self, text: str, indent: int) -> str:
        if self._draw(st.booleans()) and not _leaves_no_trace(text):
            self.unquoted += 1
            if " " in text and "\t" not in text and self._draw(st.integers(0, 4)) == 0:
                return self._over_two_lines(text, indent)
            return text
        return json.dumps(text, ensure_ascii=False)

    def data(self, text: str) -> str:
        if self._draw(st.booleans()) and not _leaves_no_trace(text) and not _is_other_data(text):
            self.unquoted += 1
            return text
        return json.dumps(text, ensure_ascii=False)

    def item(self, text: str) -> str:
        """An item of an enumeration: a mapping in it is refused, so only what is no text is left out."""
        if self._draw(st.booleans()) and not _leaves_no_trace(text):
            is_scalar_of_another_type = _is_other_data(text)
            if not is_scalar_of_another_type:
                self.unquoted += 1
                return text
        return json.dumps(text, ensure_ascii=False)

    @staticmethod
    def _over_two_lines(text: str, indent: int) -> str:
        first, _, second = text.partition(" ")
        if not first or not second or second != second.strip() or first in {"|", ">"}:  # these begin a block scalar
            return text
        return f"{first}\n{' ' * indent}{second}"


@st.composite
def pages(draw: st.DrawFn) -> tuple[dict[str, Any], str, int]:
    """A document, the YAML of a page that says it with some texts unquoted, and how many these are."""
    texts = [draw(TEXTS) for _ in range(9)]
    names = draw(st.lists(st.sampled_from(["n", "y", "on", "no", "true", "null", "voice_id"]), min_size=1, unique=True))
    write = _Writer(draw)
    summary, description, tag, parameter, field, choice, example, answer, block = texts
    document = {
        "openapi": "3.0.1",
        "paths": {
            "/kling/v1/x/{id}": {
                "post": {
                    "summary": summary,
                    "description": description,
                    "tags": [tag],
                    "parameters": [{"name": "id", "in": "path", "description": parameter, "required": True}],
                    "schema": {
                        "type": "object",
                        "properties": {name: {"type": "string", "description": field} for name in names},
                        "required": names,
                    },
                    "choice": {"enum": [choice, "other"], "example": example},
                    "responses": {"200": {"description": answer}, "400": {"description": f"{block}\n# {block}: x"}},
                }
            }
        },
    }
    lines = [
        "openapi: 3.0.1",
        "paths:",
        "  /kling/v1/x/{id}:",
        "    post:",
        f"      summary: {write.text(summary, 8)}",
        f"      description: {write.text(description, 8)}",
        "      tags:",
        f"        - {write.text(tag, 10)}",
        "      parameters:",
        "        - name: id",
        "          in: path",
        f"          description: {write.text(parameter, 12)}",
        "          required: true",
        "      schema:",
        "        type: object",
        "        properties:",
    ]
    for name in names:
        lines += [f"          {name}:", "            type: string", f"            description: {write.text(field, 14)}"]
    lines += [
        "        required:",
        *(f"          - {name if name not in {'true', 'null'} else repr(name)}" for name in names),
    ]
    lines += ["      choice:", "        enum:", f"          - {write.item(choice)}", "          - other"]
    lines += [f"        example: {write.data(example)}", "      responses:", "        '200':"]
    lines += [f"          description: {write.text(answer, 12)}", "        '400':", "          description: |-"]
    assume(block == block.strip() and "\t" not in block)
    lines += [f"            {block}", f"            # {block}: x"]
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return document, "".join(line.replace("\n", ending) + ending for line in lines), write.unquoted


@settings(max_examples=amount(120, 2_000))
@given(pages())
def test_unquoted_texts_are_read_as_they_were_or_refused(page: tuple[dict[str, Any], str, int]) -> None:
    """Property: a page with unquoted scalars is read as the original document, or refused, and never anything else.

    Texts whose quotes leave no trace when they are lost are not unquoted: blanks around them, texts that are complete
    quoted scalars themselves, and, where any type is allowed, texts that YAML reads as a value of another type.
    """
    original, text, unquoted = page
    try:
        repaired = repair(text, "page.md")
        found = documents.parse(repaired.text, "page.md")
    except DocumentError:
        event("refused")
        return
    event(f"read, unquoted: {min(unquoted, 5)}")
    assert found == original
    assert repair(repaired.text, "page.md").repairs == ()
    changed = {
        number
        for number, pair in enumerate(zip(text.split("\n"), repaired.text.split("\n"), strict=True), 1)
        if pair[0] != pair[1]
    }
    assert changed == {each.line for each in repaired.repairs}


WORDS = st.lists(
    st.sampled_from(["Model", "name", "x: y", "Reply:", "[0, 2]", '"on"', "（", "5"]), min_size=1, max_size=5
)


@given(WORDS.map(" ".join), st.sampled_from(["summary", "description"]))
def test_the_usual_ways_are_always_read(text: str, key: str) -> None:
    """Property: a text with colons, brackets and quoted words in the middle is never refused."""
    text = f"Value {text}"
    found = documents.parse(repair(f"paths:\n  /x:\n    {key}: {text}\n", "page.md").text, "page.md")
    assert found == {"paths": {"/x": {key: text}}}
