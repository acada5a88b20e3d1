"""Where in its sources something is declared: a class, an attribute of it, a function, a name of a module."""

from __future__ import annotations

import ast
import inspect
import sys
import tokenize
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from gateway.checking.findings import Place, shown

ENGINE = ("loaders.", "larder.")
"""Modules whose functions declare fetches for others."""


def class_place(found: type) -> Place | None:
    """The line of ``class``; of the first class that it extends and that stands in a file, where it was made by code.

    None where there is no source.
    """
    return next((Place(shown(file), node.lineno) for file, node in class_nodes(found)), None)


def attribute_place(found: type, name: str) -> Place | None:
    """The line that gives the class, or one that it extends, the attribute; else that of the class."""
    for file, node in class_nodes(found):
        for statement in node.body:
            if name in names_of(statement):
                return Place(shown(file), statement.lineno)
    return class_place(found)


def function_place(build: Callable[..., Any]) -> Place | None:
    """The line of ``def`` or ``lambda``; of what was decorated, where the engine's declarations made a function of it.

    None for the engine's own functions, and for what is no function.
    """
    function = inspect.unwrap(declared(build))
    code = getattr(function, "__code__", None)
    if code is None or function.__module__.startswith(ENGINE):
        return None
    file, line = Path(code.co_filename), code.co_firstlineno
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.FunctionDef) and line in {node.lineno, *(one.lineno for one in node.decorator_list)}:
            return Place(shown(file), node.lineno)
    return Place(shown(file), line)


def assigned_place(module: str, name: str) -> Place:
    """The line that gives a module the name; the whole file, where that is not told."""
    file = file_of(module)
    if file is None:
        return Place(module)
    lines = (statement.lineno for statement in parsed(file).body if name in names_of(statement))
    return Place(shown(file), next(lines, None))


def class_nodes(found: type) -> Iterator[tuple[Path, ast.ClassDef]]:
    """A class, then those that it extends, as far as they stand in files: each with its file."""
    for each in found.__mro__:
        file = file_of(each.__module__)
        node = None if file is None else classes(file).get(each.__qualname__)
        if file is not None and node is not None:
            yield file, node


def declared(build: Callable[..., Any]) -> Callable[..., Any]:
    """The function that ``declared_fetch`` or ``declared_listing`` was put on, or ``build`` itself."""
    code = getattr(build, "__code__", None)
    if code is None or not build.__module__.startswith(ENGINE) or "function" not in code.co_freevars:
        return build
    found: Callable[..., Any] = inspect.getclosurevars(build).nonlocals["function"]
    return found


def names_of(statement: ast.stmt) -> set[str]:
    """The names that a statement gives a value."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.AnnAssign):
        return {statement.target.id} if isinstance(statement.target, ast.Name) else set()
    if isinstance(statement, ast.Assign):
        return {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return set()


def file_of(module: str) -> Path | None:
    """The file of Python that a module was imported from."""
    name = getattr(sys.modules.get(module), "__file__", None)
    return Path(name) if name is not None and name.endswith(".py") else None


@cache
def classes(file: Path) -> dict[str, ast.ClassDef]:
    """Every class of a file by its qualified name."""
    found: dict[str, ast.ClassDef] = {}

    def collect(node: ast.AST, before: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                found[f"{before}{child.name}"] = child
                collect(child, f"{before}{child.name}.")
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                collect(child, f"{before}{child.name}.<locals>.")
            else:
                collect(child, before)

    collect(parsed(file), "")
    return found


@cache
def parsed(file: Path) -> ast.Module:
    """The syntax tree of a file; an empty one of what cannot be read any more."""
    try:
        with tokenize.open(file) as text:
            return ast.parse(text.read())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ast.Module(body=[], type_ignores=[])
