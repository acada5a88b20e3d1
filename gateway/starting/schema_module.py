"""A schema over the models of apps, as the text of a module to be edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.apps import AppConfig
from django.db.models import Model

from gateway.starting.choices import Member
from gateway.starting.code import called, imported, quoted
from gateway.starting.fields import Fields
from gateway.starting.typed import Typed, alias, typed_models
from gateway.starting.words import described, description, sentence

STANDARD = {"datetime", "decimal", "enum", "uuid"}
LOOKED_UP = {"CharField", "EmailField", "SlugField", "TextField", "URLField"}


def schema_module(configs: Sequence[AppConfig]) -> str:
    """The text: enums, listings, types and the root. Raises ``ValueError`` where the apps have no models to show."""
    typed = typed_models(configs)
    if not typed:
        labels = ", ".join(config.label for config in configs)
        raise ValueError(f"{labels}: no model that could be a type")
    fields = Fields(typed)
    types = [type_of(each, fields) for each in typed.values()]
    root = root_of(typed, fields)
    parts = [
        *(enum_of(name, *found) for name, found in fields.enums.items()),
        *(listing_of(each, fields) for each in typed.values()),
        *types,
        root,
        f"schema = {fields.use('make_schema')}(Query)",
    ]
    return f"{head(configs, typed, fields)}\n\n\n" + "\n\n\n".join(parts[:-1]) + f"\n\n\n{parts[-1]}\n"


def head(configs: Sequence[AppConfig], typed: Mapping[type[Model], Typed], fields: Fields) -> str:
    """The docstring and the imports."""
    labels = " and ".join(config.label for config in configs)
    standard = imported(name for name in fields.uses if name.partition(".")[0] in STANDARD)
    modules = sorted({each.module for each in typed.values()})
    rest = {name for name in fields.uses if name.partition(".")[0] not in STANDARD}
    groups = [
        ["from __future__ import annotations"],
        (["import enum"] if fields.enums else []) + standard,
        ["import strawberry", *imported(rest | {"django.db.models.QuerySet"})],
        [module_import(module, modules) for module in modules],
    ]
    text = "\n\n".join("\n".join(group) for group in groups if group)
    return f'"""The GraphQL schema of {labels}."""\n\n{text}'


def module_import(module: str, others: Sequence[str]) -> str:
    """A module of models under its name in code."""
    package, _, name = module.rpartition(".")
    called = alias(module, others)
    return f"from {package} import {name}{'' if called == name else f' as {called}'}" if package else f"import {name}"


def enum_of(name: str, text: str, chosen: Sequence[Member]) -> str:
    """An enum of a column's values."""
    lines = [
        called(
            f"{each.name} = strawberry.enum_value(",
            [repr_of(each.value), f"description={quoted(sentence(each.label) or each.name)}"],
            indent=4,
        )
        for each in chosen
    ]
    return f"@strawberry.enum(description={quoted(text)})\nclass {name}(enum.Enum):\n" + "\n".join(lines)


def repr_of(value: object) -> str:
    """A value of an enum as a literal."""
    return quoted(value) if isinstance(value, str) else repr(value)


def listing_of(each: Typed, fields: Fields) -> str:
    """The listing behind every page of a type's rows."""
    order = ", ".join(quoted(path) for path in each.order) + ("," if len(each.order) == 1 else "")
    start = called(f"@{fields.use('declared_listing')}(", [each.reference, f"order=({order})"])
    return f"{start}\ndef {each.listing}() -> QuerySet:\n    return {each.reference}.objects.all()"


def type_of(each: Typed, fields: Fields) -> str:
    """A type and its fields."""
    said = f"description={quoted(description(each.model))}"
    start = called(f"@{fields.use('larder_type')}(", [each.reference, f'name="{each.name}"', said])
    return f"{start}\nclass {each.name}:\n" + "\n".join(fields.of(each))


def root_of(typed: Mapping[type[Model], Typed], fields: Fields) -> str:
    """The root type: each type by its key, by its unique names, and in pages."""
    lines = [line for each in typed.values() for line in root_fields(each, fields)]
    if any(each.supplied for each in typed.values()):
        kind = fields.use("SourceFreshness", "larder.freshness")
        lines.append(f"    freshness: list[{kind}] = {fields.use('sources_field', 'larder.freshness')}()")
    return '@strawberry.type(description="Everything that can be read.")\nclass Query:\n' + "\n".join(lines)


def root_fields(each: Typed, fields: Fields) -> Iterator[str]:
    """The root fields of one type."""
    noun = f"{each.model._meta.verbose_name}"
    argument, row_by = fields.use("argument"), fields.use("row_by")
    kind = f"{each.name} | None"
    given = f'{argument}("id", strawberry.ID, "What it is known by.")'
    if each.supplied:
        read = f'read={fields.use("uuid_of")}("{each.name}")'
        keyed = [f'{row_by}({each.reference}, "node_id")', given, quoted(f"One {noun} by its global id."), read]
    else:
        keyed = [f"{row_by}({each.reference})", given, quoted(f"One {noun} by its key.")]
    yield fields.declared(each.one, kind, keyed, "lookup")
    for column in each.model._meta.concrete_fields:
        if column.unique and not (column.null or column.primary_key) and column.get_internal_type() in LOOKED_UP:
            found = f'{argument}("{column.name}", str, {quoted(described(column))})'
            text = quoted(f"One {noun} by its {column.verbose_name}.")
            arguments = [f'{row_by}({each.reference}, "{column.name}")', found, text]
            yield fields.declared(f"{each.one}_by_{column.name}", kind, arguments, "lookup")
    by = " and ".join(path.lstrip("-").replace("_", " ") for path in each.order)
    text = f"Every {noun}, by {by}{', the last first' if each.order[0].startswith('-') else ''}."
    connection = f"{fields.use('Connection')}[{each.name}]"
    yield fields.declared(each.many, connection, [each.listing, quoted(text)], "listed")
