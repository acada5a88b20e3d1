"""Limits of documents, and budgets that stand in for some of them."""

from __future__ import annotations

from dataclasses import asdict, fields

import pytest

from gateway.configured.limits import LimitSettings
from gateway.limits.limits import DocumentLimits
from persisted_queries.budgets import NAMES, Budget, most


def test_a_budget_may_set_every_limit_on_documents() -> None:
    assert set(NAMES) == {"cost", "response_bytes", *(field.name for field in fields(DocumentLimits))}


@pytest.mark.parametrize("setting", ["max_tokens", "max_depth"])
def test_a_budget_sets_no_larger_limit_than_a_setting(setting: str) -> None:
    [largest] = [found.le for found in LimitSettings.model_fields[setting].metadata if hasattr(found, "le")]

    assert most(setting.removeprefix("max_")) == largest


def test_a_budget_replaces_what_it_sets_and_nothing_else() -> None:
    limits = DocumentLimits(tokens=50)

    found = limits.with_budget(Budget(cost=9, response_bytes=9, depth=40, variables=2))

    assert asdict(found) == {**asdict(limits), "depth": 40, "variables": 2}
    assert limits.with_budget(None) is limits
