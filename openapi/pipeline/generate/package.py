"""Write the complete content of `generated/` into a given folder."""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path

from ..facts.known import by_id
from ..spec import documents
from ..spec.documents import Document, DocumentError
from ..spec.operations import operations, path_parameters
from . import assemble, generator

_README = """\
# Generated code

`nox -s regenerate` generates this folder from the documents in `openapi/`. Do not edit it: `nox -s drift` fails if a
file is edited, missing or extra. To change the code, change the documents and regenerate.

| what | from |
|---|---|
| `kling_gateway/` | the output of openapi-python-client for the supplied documents, `companions.yaml` and the names
overlay |
| `kling_gateway/openapi.json` | the input of openapi-python-client |
| `kling_gateway/contract.json` | the contract: the same document with all known facts about the operations, as OpenAPI
3.1 |
"""


def write_generated(openapi: Path, destination: Path) -> Document:
    """Write into `destination`, an empty folder; returns the named document. Takes about a second."""
    named = assemble.named_document(openapi)
    contract = assemble.contract_document(openapi, named)
    package = destination / generator.PACKAGE
    with tempfile.TemporaryDirectory() as scratch:
        generator.generate(named, package, Path(scratch))
    _refuse_lost_arguments(package, named, assemble.load_companions(openapi))
    (package / "openapi.json").write_bytes(documents.dump(named))
    (package / "contract.json").write_bytes(documents.dump(contract))
    (destination / "README.md").write_text(_README, encoding="utf-8")
    return named


def _refuse_lost_arguments(package: Path, named: Document, companions: Document) -> None:
    """Raise DocumentError if another parameter has the same name as an argument that the wrapper passes."""
    for path, _, operation in operations(companions):
        wanted = set(path_parameters(path))
        if not wanted or operation["operationId"] not in by_id(named):
            continue
        module = package / "api" / "voices" / f"{operation['operationId']}.py"
        tree = ast.parse(module.read_text(encoding="utf-8"))
        function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == generator.REQUEST_BUILDER)
        lost = wanted - {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        if lost:
            raise DocumentError(
                f"{operation['operationId']} has two parameters named {lost.pop()!r}, one of them in the path; the "
                "generated code renames both, and the wrapper cannot use them"
            )
