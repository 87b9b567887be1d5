"""The seeded faults as data, and the edits that apply them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

FAULTS = Path(__file__).with_name("faults")
EQUIVALENTS = Path(__file__).with_name("equivalents.yaml")


class Fault(NamedTuple):
    """A seeded fault: replace `old` by `new` in `file`."""

    group: str
    name: str
    consequence: str  # for users
    file: str
    old: str
    new: str
    first: str | None = None  # the test that is expected to catch it, and runs before all others


class Equivalent(NamedTuple):
    """An edit that changes nothing that a test could notice, and the proof."""

    name: str
    file: str
    old: str
    new: str
    proof: str


class StaleFaultError(Exception):
    """The file of a fault does not contain the text that the fault replaces, or a fault has unknown fields."""


def read_faults(folder: Path = FAULTS) -> list[Fault]:
    """The faults of all files in the folder. The name of a file is the group of its faults."""
    return [_fault(file.stem, fields) for file in sorted(folder.glob("*.yaml")) for fields in _load(file)]


def _fault(group: str, fields: dict[str, Any]) -> Fault:
    old, new = fields.pop("edit")
    try:
        return Fault(group=group, **fields, old=old, new=new)
    except TypeError as error:
        raise StaleFaultError(f"{group}: {fields.get('name')}: {error}") from error


def read_equivalents(path: Path = EQUIVALENTS) -> list[Equivalent]:
    """The equivalent edits, in order."""
    return [Equivalent(**each, old=old, new=new) for each in _load(path) for old, new in [each.pop("edit")]]


def applies(fault: Fault, tree: Path) -> bool:
    """Whether the file of the fault contains the text that the fault replaces."""
    file = tree / fault.file
    return file.exists() and fault.old in file.read_text(encoding="utf-8")


def apply(fault: Fault, tree: Path) -> None:
    """Edit the file of the fault in `tree`; raises StaleFaultError if it does not contain the text."""
    if not applies(fault, tree):
        raise StaleFaultError(f"{fault.name}: {fault.file} no longer contains {fault.old!r}")
    file = tree / fault.file
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(fault.old, fault.new, 1), encoding="utf-8")


def _load(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or []
    return loaded
