"""All the steps in order: what `generated/` must hold, written into a folder of the caller's."""

from __future__ import annotations

import ast
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

from ..ingest import store
from ..spec import documents, walk
from ..spec.documents import Document, DocumentError
from ..spec.merge import merge
from ..spec.operations import operations, path_parameters, shape, with_path_parameters
from . import generator
from .contract import compile_contract
from .facts import apply_facts
from .names import assign_names
from .normalise import normalise
from .overlay import apply

NAMES, COMPANIONS, CONTRACT = "names.overlay.yaml", "companions.yaml", "contract.overlay.yaml"

_README = """\
# Generated, never edited

Everything in this folder is written by `nox -s regenerate` from the documents in `openapi/`, and `nox -s drift` fails
when a file here is edited, missing or extra. To change it, change `openapi/` and regenerate.

| what | from |
|---|---|
| `kling_gateway/` | openapi-python-client, run on the supplied documents, the companions and the names overlay |
| `kling_gateway/openapi.json` | the document it was run on |
| `kling_gateway/contract.json` | the same with the contract overlay, as OpenAPI 3.1: the compiled contract |
"""
_ORDER = ("openapi", "info", "paths", "components", "servers", "security")


def load_companions(openapi: Path) -> Document:
    """Our OpenAPI for operations that no page describes."""
    document = documents.load(openapi / COMPANIONS)
    documents.validate(document, COMPANIONS)
    return document


def load_supplied_document(openapi: Path) -> Document:
    """The supplied OpenAPI documents as one, proved unedited and valid, and otherwise as they are."""
    return store.merge_all(store.load_supplied(openapi / "supplied"))


def named_document(openapi: Path) -> Document:
    """Supplied operations, companions and readable names: what the client is generated from."""
    ours = load_companions(openapi)
    # First come our components, for the contract overlay refers to them by their names.
    merged: Document = {"components": deepcopy(ours["components"]), "security": deepcopy(ours["security"])}
    for stem, document in store.load_supplied(openapi / "supplied").items():
        merged = merge(merged, normalise(document), stem)
    merged.setdefault("servers", deepcopy(ours["servers"]))
    named = _adopted(apply(merged, documents.load(openapi / NAMES), NAMES), ours)
    whole = assign_names(merge(named, _without(ours, _ids(named)), "companions"))
    ordered = {key: whole[key] for key in _ORDER if key in whole}
    documents.validate(ordered, "the document with the names overlay")
    return ordered


def contract_document(openapi: Path, named: Document, ours: Document) -> Document:
    """What a gateway is held to: the named document, what companions know beyond it, and the contract overlay."""
    overlaid = apply(apply_facts(named, ours), documents.load(openapi / CONTRACT), CONTRACT)
    documents.validate(overlaid, "the document with the contract overlay")
    return compile_contract(overlaid)


def write_generated(openapi: Path, destination: Path) -> Document:
    """Write into `destination`, an empty folder, all that `generated/` must hold; gives the named document.

    Takes about a second.
    """
    named, ours = named_document(openapi), load_companions(openapi)
    contract = contract_document(openapi, named, ours)
    package = destination / generator.PACKAGE
    with tempfile.TemporaryDirectory() as scratch:
        generator.generate(named, package, Path(scratch))
    _refuse_lost_arguments(package, named, ours)
    (package / "openapi.json").write_bytes(documents.dump(named))
    (package / "contract.json").write_bytes(documents.dump(contract))
    (destination / "README.md").write_text(_README, encoding="utf-8")
    return named


def _refuse_lost_arguments(package: Path, named: Document, ours: Document) -> None:
    """Raise DocumentError where another parameter of the same name has taken the argument that the wrapper gives."""
    for path, _, operation in operations(ours):
        module = package / "api" / "voices" / f"{operation['operationId']}.py"
        wanted = set(path_parameters(path))
        if not wanted or operation["operationId"] not in _ids(named):
            continue
        tree = ast.parse(module.read_text(encoding="utf-8"))
        function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == generator.REQUEST_BUILDER)
        lost = wanted - {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        if lost:
            raise DocumentError(
                f"{operation['operationId']} has another parameter named {lost.pop()!r} beside that of its path, so "
                "the generated code renames both, and the wrapper no longer finds it"
            )


def _ids(document: Document) -> set[str]:
    return {operation["operationId"] for _, _, operation in operations(document) if "operationId" in operation}


def _adopted(document: Document, ours: Document) -> Document:
    """A copy in which supplied operations that were companions have their names, and their names of path parameters."""
    adopted = deepcopy(document)
    by_place = {(shape(path), method): (path, operation) for path, method, operation in operations(ours)}
    by_id = {operation["operationId"]: (path, operation) for path, _, operation in operations(ours)}
    for path, method, operation in list(operations(adopted)):
        companion = by_id.get(operation.get("operationId", "")) or by_place.get((shape(path), method))
        if companion is not None and operation.get("operationId", "") in {"", companion[1]["operationId"]}:
            operation["operationId"] = companion[1]["operationId"]
            operation["tags"] = list(companion[1]["tags"])
            _rename_path_parameters(adopted, path, method, companion[0])
    return adopted


def _rename_path_parameters(document: Document, path: str, method: str, like: str) -> None:
    old, new = path_parameters(path), path_parameters(like)
    if old == new or len(old) != len(new):
        return
    operation: dict[str, Any] = document["paths"][path].pop(method)
    if not document["paths"][path]:
        del document["paths"][path]
    names = dict(zip(old, new, strict=True))
    parameters = [deepcopy(walk.dereference(document, parameter)) for parameter in operation.get("parameters", [])]
    for parameter in parameters:
        if parameter["in"] == "path":
            parameter["name"] = names.get(parameter["name"], parameter["name"])
    operation["parameters"] = parameters
    document["paths"].setdefault(with_path_parameters(path, new), {})[method] = operation


def _without(document: Document, ids: set[str]) -> Document:
    """A copy without the operations of those names."""
    left = deepcopy(document)
    for path, method, operation in list(operations(left)):
        if operation["operationId"] in ids:
            del left["paths"][path][method]
    left["paths"] = {path: item for path, item in left["paths"].items() if item}
    return left
