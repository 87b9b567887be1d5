"""The two documents for `generated/`: the named document (input of the generator), and the contract."""

from __future__ import annotations

from pathlib import Path

from ..facts.attach import attach_known
from ..facts.contradictions import Contradiction
from ..facts.decisions import is_decided, read_decisions
from ..facts.known import known_operations
from ..facts.pages import page_contradictions
from ..ingest import store
from ..ingest.normalise import normalise
from ..spec import documents
from ..spec.documents import Document
from ..spec.examples import inline_examples
from ..spec.merge import merge
from ..spec.operations import operations
from ..spec.overlay import apply
from ..spec.walk import copy_json
from .adopt import adopt_companions
from .contract import compile_contract
from .names import assign_names, former_places

NAMES, COMPANIONS, CONTRACT = "names.overlay.yaml", "companions.yaml", "contract.overlay.yaml"
_ORDER = ("openapi", "info", "paths", "components", "servers", "security")


def load_companions(openapi: Path) -> Document:
    """The OpenAPI document of known operations that have no supplied page."""
    document = documents.load(openapi / COMPANIONS)
    documents.validate(document, COMPANIONS)
    return document


def load_supplied_document(openapi: Path) -> Document:
    """The supplied documents as one, checked by digest and validated. The first gateway describes an operation."""
    return store.merge_all(_selected(openapi, load_companions(openapi)))


def named_document(openapi: Path) -> Document:
    """The input of the generator: supplied operations, companions and readable names."""
    companions = load_companions(openapi)
    # Our components come first, because the contract overlay refers to them by their names.
    merged: Document = {
        "components": copy_json(companions["components"]),
        "security": copy_json(companions["security"]),
    }
    for stem, document in _selected(openapi, companions).items():
        merged = merge(merged, normalise(document), stem)
    merged.setdefault("servers", copy_json(companions["servers"]))
    merged.setdefault("paths", {})
    named = adopt_companions(apply(merged, documents.load(openapi / NAMES), NAMES), companions)
    taken = {str(operation.get("operationId")) for _, _, operation in operations(named)}
    whole = assign_names(merge(named, _without(companions, taken), "companions"))
    ordered = inline_examples({key: whole[key] for key in _ORDER if key in whole})
    documents.validate(ordered, "the document with the names overlay")
    return ordered


def known_document(openapi: Path, named: Document) -> Document:
    """The known facts about operations that their pages do not state."""
    overlay = documents.load(openapi / CONTRACT)
    return inline_examples(known_operations(named, load_companions(openapi), overlay, CONTRACT))


def contradictions(openapi: Path, named: Document) -> list[Contradiction]:
    """Every contradiction between a stored page and the known facts, in the order of the pages."""
    return page_contradictions(store.load_supplied(openapi / "supplied"), named, known_document(openapi, named))


def undecided(openapi: Path, named: Document) -> list[Contradiction]:
    """The contradictions without a decision."""
    decisions = read_decisions(openapi)
    return [each for each in contradictions(openapi, named) if not is_decided(each, decisions)]


def contract_document(openapi: Path, named: Document) -> Document:
    """The contract that a gateway must satisfy: the named document with all known facts, as OpenAPI 3.1."""
    decisions = read_decisions(openapi)
    accepted = [each for each in contradictions(openapi, named) if is_decided(each, decisions, "page")]
    attached = attach_known(named, known_document(openapi, named), accepted)
    documents.validate(attached, "the document with the contract overlay")
    return compile_contract(attached)


def _selected(openapi: Path, companions: Document) -> dict[str, Document]:
    supplied = store.load_supplied(openapi / "supplied")
    return store.select_operations(supplied, companions, former_places(documents.load(openapi / NAMES)))


def _without(document: Document, ids: set[str]) -> Document:
    """A copy without the operations of those names."""
    left = copy_json(document)
    for path, method, operation in list(operations(left)):
        if operation["operationId"] in ids:
            del left["paths"][path][method]
    left["paths"] = {path: item for path, item in left["paths"].items() if item}
    return left
