"""The schema as a document: committed, described, and true to the store's own enums."""

from __future__ import annotations

import enum
from pathlib import Path

import pytest
from django.db import models as django_models
from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLObjectType, build_schema

import schema.root
from catalog import models
from larder.freshness import FreshnessStatus
from schema import enums
from sync import freshness

SDL = Path(schema.root.__file__).with_name("schema.graphql")


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert SDL.read_text() == schema.root.schema.as_str() + "\n", "run `larder schema print > schema/schema.graphql`"


def test_everything_is_described() -> None:
    missing = []
    for name, kind in build_schema(SDL.read_text()).type_map.items():
        if name.startswith("__") or name in {"Boolean", "Float", "ID", "Int", "String"}:
            continue
        if not kind.description:
            missing.append(name)
        if isinstance(kind, GraphQLEnumType):
            missing += [f"{name}.{value}" for value, made in kind.values.items() if not made.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                if not field.description:
                    missing.append(f"{name}.{field_name}")
                missing += [f"{name}.{field_name}({a}:)" for a, made in field.args.items() if not made.description]

    assert missing == []


@pytest.mark.parametrize(
    ("shown", "stored", "more"),
    [
        (enums.Channel, models.Channel, set()),
        (enums.Audience, models.Audience, set()),
        (enums.TaxMode, models.TaxMode, set()),
        (enums.PriceMethod, models.PriceMethod, set()),
        (enums.AvailabilityState, models.AvailabilityState, {"UNKNOWN"}),
        (enums.Allergen, models.Allergen, set()),
        (enums.Diet, models.Diet, set()),
        (FreshnessStatus, freshness.FreshnessStatus, set()),
    ],
)
def test_enums_are_those_of_the_store(
    shown: type[enum.Enum], stored: type[django_models.TextChoices | enum.StrEnum], more: set[str]
) -> None:
    assert {member.value for member in shown} == {str(member.value) for member in stored} | more
