"""All the steps in order: what `generated/` must hold, written into a folder of the caller's."""

from __future__ import annotations

import tempfile
from pathlib import Path

from . import digests, documents, generator
from .contract import compile_contract
from .documents import Document, DocumentError
from .merge import merge
from .overlay import apply

_README = """\
# Generated, never edited

Everything in this folder is written by `nox -s regenerate` from the documents in `openapi/`, and `nox -s drift` fails
when a file here is edited, missing or extra. To change it, change `openapi/` and regenerate.

| what | from |
|---|---|
| `kling_gateway/` | openapi-python-client, run on the supplied document, the companions and the names overlay |
| `kling_gateway/openapi.json` | the document it was run on |
| `kling_gateway/contract.json` | the same with the contract overlay, as OpenAPI 3.1: the compiled contract |
"""


def supplied_document(openapi: Path) -> Document:
    """The supplied OpenAPI document, proved unedited and valid."""
    folder = openapi / "supplied"
    digests.verify(folder)
    paths = sorted(folder.glob("*.yaml"))
    if len(paths) != 1:
        raise DocumentError(f"{folder.name}: one supplied YAML is expected, {len(paths)} were found")
    document = documents.load(paths[0])
    documents.validate(document, paths[0].name)
    return document


def named_document(openapi: Path) -> Document:
    """Supplied operations, companions and readable names: what the client is generated from."""
    companions = documents.load(openapi / "companions.yaml")
    documents.validate(companions, "companions.yaml")
    merged = merge(supplied_document(openapi), companions)
    named = apply(merged, documents.load(openapi / "names.overlay.yaml"), "names.overlay.yaml")
    documents.validate(named, "the document with the names overlay")
    return named


def contract_document(openapi: Path, named: Document) -> Document:
    """What a gateway is held to: the named document with the contract overlay, as OpenAPI 3.1."""
    overlaid = apply(named, documents.load(openapi / "contract.overlay.yaml"), "contract.overlay.yaml")
    documents.validate(overlaid, "the document with the contract overlay")
    return compile_contract(overlaid)


def build(openapi: Path, destination: Path) -> None:
    """Write into `destination`, an empty folder, all that `generated/` must hold. Takes about a second."""
    named = named_document(openapi)
    contract = contract_document(openapi, named)
    package = destination / generator.PACKAGE
    with tempfile.TemporaryDirectory() as scratch:
        generator.generate(named, package, Path(scratch))
    (package / "openapi.json").write_bytes(documents.dump(named))
    (package / "contract.json").write_bytes(documents.dump(contract))
    (destination / "README.md").write_text(_README, encoding="utf-8")
