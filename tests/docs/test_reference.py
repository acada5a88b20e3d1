"""What applications import is documented where it is written, and has its page in the reference."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

import larder
from tests.docs.pages import DOCS

REFERENCE = DOCS / "reference"
PAGES = "\n".join(page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md"))
MODULES = [found.name for found in iter_modules(larder.__path__, "larder.")]
INSIDE = {"larder.ages", "larder.scalars"}
"""What other modules of the package are made of."""


def public(module: ModuleType) -> list[str]:
    """What it offers: its ``__all__``, or else its own classes and functions."""
    own = (name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__)
    return list(getattr(module, "__all__", None) or (name for name in own if not name.startswith("_")))


def test_every_module_has_a_page() -> None:
    assert set(re.findall(r"^::: (larder\.\w+)$", PAGES, re.MULTILINE)) == set(MODULES) - INSIDE


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_a_docstring(name: str) -> None:
    module = import_module(name)

    for offered in public(module):
        value = getattr(module, offered)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert (value.__doc__ or "").strip(), offered


@pytest.mark.parametrize("path", sorted(set(re.findall(r"^::: ([\w.]+)$", PAGES, re.MULTILINE))))
def test_what_the_reference_names_exists(path: str) -> None:
    assert import_module(path).__doc__
