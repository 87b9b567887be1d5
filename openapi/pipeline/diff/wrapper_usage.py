"""Finds the lines of the wrapper that no longer fit the generated code. These are the lines that mypy will report.

The wrapper's calls of generated functions and classes are read from its source, and compared with the signatures in
the generated package. A test compares the prediction with mypy.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

REQUESTS = "wrapper/kling_voices/_protocol/requests.py"
_PACKAGE = "kling_gateway"
_ACCEPTS = {"str": {"str", "Any"}, "int": {"int", "float", "Any"}, "Unset": {"Unset", "Any"}}


class Misfit(NamedTuple):
    """A line of the wrapper that does not fit the generated code."""

    line: int
    problem: str

    def __str__(self) -> str:
        return f"{REQUESTS}:{self.line}: {self.problem}"


class _Argument(NamedTuple):
    types: frozenset[str]
    is_required: bool


def find_misfits(wrapper_requests: Path, generated: Path) -> list[Misfit]:
    """Every line of the wrapper's requests that does not fit the package in the folder `generated`."""
    tree = ast.parse(wrapper_requests.read_text(encoding="utf-8"))
    imports, misfits = _imports(tree, generated / _PACKAGE)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        types = {each.arg: _names(each.annotation) for each in (*function.args.args, *function.args.kwonlyargs)}
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            misfits += _misfits_of(call, imports, types)
    return sorted(set(misfits))


def _imports(tree: ast.Module, package: Path) -> tuple[dict[str, dict[str, _Argument]], list[Misfit]]:
    """Imported name → the arguments of its constructor or request builder, and the imports that fail."""
    found: dict[str, dict[str, _Argument]] = {}
    misfits = []
    for node in (node for node in tree.body if isinstance(node, ast.ImportFrom)):
        module = node.module or ""
        if not module.startswith(f"{_PACKAGE}.") or module.endswith(".types"):
            continue
        folder = package.joinpath(*module.split(".")[1:])
        for name in (alias.name for alias in node.names):
            arguments = _class(folder, name) if name[0].isupper() else _builder(folder / f"{name}.py")
            if arguments is None:
                misfits.append(Misfit(node.lineno, f"{module} no longer has {name}"))
            else:
                found[name] = arguments
    return found, misfits


def _builder(module: Path) -> dict[str, _Argument] | None:
    """The arguments of a request builder."""
    if not module.is_file():
        return None
    tree = ast.parse(module.read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    function = next(node for node in functions if node.name == "build_request")
    defaults = function.args.kw_defaults
    given = [*zip(function.args.kwonlyargs, defaults, strict=True), *((each, None) for each in function.args.args)]
    return {each.arg: _Argument(_names(each.annotation), default is None) for each, default in given}


def _class(models: Path, name: str) -> dict[str, _Argument] | None:
    """The arguments of a model's constructor."""
    for module in models.glob("*.py"):
        source = module.read_text(encoding="utf-8")
        for node in ast.parse(source).body if f"class {name}:" in source else ():
            if isinstance(node, ast.ClassDef) and node.name == name:
                fields = (each for each in node.body if isinstance(each, ast.AnnAssign))
                return {
                    each.target.id: _Argument(_names(each.annotation), each.value is None)
                    for each in fields
                    if isinstance(each.target, ast.Name) and each.target.id != "additional_properties"
                }
    return None


def _misfits_of(
    call: ast.Call, imports: dict[str, dict[str, _Argument]], types: dict[str, frozenset[str]]
) -> Iterator[Misfit]:
    function = call.func
    owner = function.value if isinstance(function, ast.Attribute) and function.attr == "build_request" else function
    if not isinstance(owner, ast.Name) or owner.id not in imports:
        return
    arguments = imports[owner.id]
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    for name, value in given.items():
        if name not in arguments:
            yield Misfit(call.lineno, f"{owner.id} no longer has the argument {name!r}")
        elif not all(_is_accepted(each, arguments[name].types) for each in _value_types(value, types)):
            wanted = " | ".join(sorted(arguments[name].types))
            yield Misfit(value.lineno, f"{owner.id} takes {wanted} for {name!r}")
    for name, argument in arguments.items():
        if argument.is_required and name not in given:
            yield Misfit(call.lineno, f"{owner.id} needs the argument {name!r}")


def _value_types(value: ast.expr, types: dict[str, frozenset[str]]) -> frozenset[str]:
    """The types of an argument that the wrapper passes; empty where they follow from the generated code itself."""
    if isinstance(value, ast.BoolOp):
        of_each = [_value_types(each, types) for each in value.values]
        return frozenset().union(*of_each) - {"None"}
    if isinstance(value, ast.Name):
        return frozenset({"Unset"}) if value.id == "UNSET" else types.get(value.id, frozenset())
    return frozenset()


def _is_accepted(given: str, wanted: frozenset[str]) -> bool:
    return bool(_ACCEPTS.get(given, {given}) & wanted) or "object" in wanted


def _names(annotation: ast.expr | None) -> frozenset[str]:
    """The members of a union; `list[str]` is one."""
    if annotation is None:
        return frozenset({"Any"})
    if isinstance(annotation, ast.BinOp):
        return _names(annotation.left) | _names(annotation.right)
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):  # a forward reference
        return _names(ast.parse(annotation.value, mode="eval").body)
    return frozenset({ast.unparse(annotation)})
