"""The resolver path itself says what an independent evaluation over model instances says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.equality.against_plain import check
from tests.equality.applications import APPLICATIONS
from tests.equality.meanings import FIELDS, TABLES
from tests.equality.plain import Tables

FEW, MANY = 60, 500


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_the_resolver_path_answers_as_model_instances_do(store: str, count: int) -> None:
    application = APPLICATIONS["shipped"]()

    checked = check(application, store, application.fill(), TABLES, count=count)

    print(checked)  # noqa: T201 - shown with -s
    assert not checked.differences, str(checked)
    assert checked.refused < count / 10


def changed(type_name: str, field: str, change: Callable[[Any], Any]) -> Tables:
    """The tables with another value of one field."""
    meaning = FIELDS[type_name][field]
    other = replace(meaning, value=lambda *given: change(meaning.value(*given)))
    return replace(TABLES, fields={**FIELDS, type_name: {**FIELDS[type_name], field: other}})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("type_name", "field", "change"),
    [
        ("Section", "items", lambda rows: rows[::-1]),
        ("Item", "prices", lambda rows: rows[:2]),
        ("Availability", "state", lambda state: "AVAILABLE" if state == "UNKNOWN" else state),
        ("Freshness", "confirmedAt", lambda _: None),
        ("Item", "name", lambda name: name.replace("ü", "u")),
        ("PageInfo", "hasPreviousPage", lambda _: False),
    ],
)
def test_another_meaning_is_found(store: str, type_name: str, field: str, change: Callable[[Any], Any]) -> None:
    application = APPLICATIONS["shipped"]()

    checked = check(application, store, application.fill(), changed(type_name, field, change), count=120)

    assert checked.differences
