"""The models that a schema shows, each with its names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from django.apps import AppConfig
from django.db.models import CompositePrimaryKey, Field, Model

from gateway.starting.words import many, snake
from sync.rows import SyncedRow

TAKEN = {
    "BigInt",
    "Boolean",
    "Connection",
    "Date",
    "DateTime",
    "Decimal",
    "Edge",
    "Float",
    "Freshness",
    "FreshnessStatus",
    "GlobalId",
    "ID",
    "Int",
    "JSON",
    "PageInfo",
    "Query",
    "QuerySet",
    "SourceFreshness",
    "String",
    "Time",
    "UUID",
}
"""Names that a schema, or the module that declares it, has already."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A model as a type. name: in GraphQL and Python; one, many: of its root fields; reference: the model in code."""

    model: type[Model]
    name: str
    one: str
    many: str
    reference: str
    module: str

    @property
    def supplied(self) -> bool:
        """Whether its rows come from suppliers."""
        return issubclass(self.model, SyncedRow)

    @property
    def order(self) -> tuple[str, ...]:
        """The order of its listing: the model's own where a page can go on from it, else its primary key's."""
        return keyset_order(self.model) or (self.key.attname,)

    @property
    def listing(self) -> str:
        """Name of its listing."""
        return f"{self.many}_by_{'_and_'.join(path.lstrip('-') for path in self.order)}"

    @property
    def key(self) -> Field[Any, Any]:
        """Its primary key."""
        return self.model._meta.pk


def keyset_order(model: type[Model]) -> tuple[str, ...]:
    """``Meta.ordering`` where it is columns that are never null and all go one way, else ()."""
    paths = [path for path in model._meta.ordering or () if isinstance(path, str)]
    columns = {field.name: field for field in model._meta.concrete_fields if not (field.null or field.is_relation)}
    whole = len(paths) == len(model._meta.ordering or ())
    known = all(path.lstrip("-") in columns for path in paths)
    return tuple(paths) if whole and known and len({path.startswith("-") for path in paths}) == 1 else ()


def typed_models(configs: Iterable[AppConfig]) -> Mapping[type[Model], Typed]:
    """The models of the apps that can be types, in their order: no proxies, no keys of several columns."""
    shown = [(model, config) for config in configs for model in config.get_models() if can_be_type(model)]
    modules = {model: module_of(model, config.models_module) for model, config in shown}
    found: dict[type[Model], Typed] = {}
    names: set[str] = set(TAKEN)
    roots: set[str] = set()
    for model, config in shown:
        one, several, name = snake(model.__name__), many(model), model.__name__
        if name in names or {one, several} & roots:
            label = config.label
            name, one, several = f"{label.title()}{name}", f"{label}_{one}", f"{label}_{several}"
        names.add(name)
        roots |= {one, several}
        called = alias(modules[model], modules.values())
        found[model] = Typed(model, name, one, several, f"{called}.{model.__name__}", modules[model])
    return found


def can_be_type(model: type[Model]) -> bool:
    """Whether rows of a model are a type's: not of a proxy, nor those known by several columns."""
    return not (model._meta.proxy or isinstance(model._meta.pk, CompositePrimaryKey))


def module_of(model: type[Model], models: ModuleType | None) -> str:
    """The module to import a model from: its app's ``models`` where that has it."""
    named = models is not None and getattr(models, model.__name__, None) is model
    return models.__name__ if named and models else model.__module__


def alias(module: str, others: Iterable[str]) -> str:
    """What a module of models is called in code: ``models``, or ``bookshop_models`` beside those of other apps."""
    return module.replace(".", "_") if set(others) - {module} else module.rpartition(".")[2]
