"""What models and their columns are called in a schema, and how they are described."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Field, Model


def snake(name: str) -> str:
    """``OrderLine`` is ``order_line``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def many(model: type[Model]) -> str:
    """Several rows of a model as a name: ``order_lines``."""
    name = re.sub(r"\W+", "_", str(model._meta.verbose_name_plural)).strip("_").lower()
    return name if name.isidentifier() and name.isascii() and name != snake(model.__name__) else all_of(model)


def all_of(model: type[Model]) -> str:
    """The same where the plural is no name, or no other one than the singular."""
    return f"all_{snake(model.__name__)}"


def sentence(text: object) -> str:
    """Words on one line, beginning with a capital and ending with a full stop."""
    words = " ".join(str(text).split())
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".") if words else ""


def description(model: type[Model]) -> str:
    """A model in the first line of its docstring, else by its verbose name: Django's own docstrings say nothing."""
    doc = (model.__dict__.get("__doc__") or "").strip()
    if doc.startswith(f"{model.__name__}("):
        doc = ""
    return sentence(doc.partition("\n")[0] or f"A row of {model._meta.verbose_name_plural}")


def described(field: Field[Any, Any] | Any) -> str:
    """A column or a relation: its help text, else its verbose name."""
    return sentence(getattr(field, "help_text", "") or getattr(field, "verbose_name", field.name))
