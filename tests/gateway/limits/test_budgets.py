"""What becomes of operations by their estimated cost, in each mode."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from gateway.endpoint.errors import RequestError
from gateway.limits.budgets import Budgets, CostMode


def test_an_operation_within_its_budget_runs() -> None:
    Budgets(allowed=10, allowed_resolvers=5).check(10, "sha")
    Budgets(allowed=10, allowed_resolvers=5).check_resolvers(5, "sha")


def test_one_above_it_is_refused_with_both_numbers() -> None:
    with pytest.raises(RequestError) as refusal:
        Budgets(allowed=1_000).check(1_234.5, "sha")

    assert refusal.value.status == 400
    assert refusal.value.payload() == {
        "errors": [
            {
                "message": "the operation is estimated to cost 1,234.5; 1,000 is allowed",
                "extensions": {
                    "code": "COST_ESTIMATED_TOO_EXPENSIVE",
                    "cost": {"estimated": 1_234.5, "allowed": 1_000},
                },
            }
        ]
    }


def test_resolvers_have_a_budget_of_their_own() -> None:
    with pytest.raises(RequestError, match="estimated to cost 6 and has no plan; 5 is allowed"):
        Budgets(allowed=10, allowed_resolvers=5).check_resolvers(6, "sha")


def test_a_documents_own_budget_stands_in_for_both() -> None:
    budgets = Budgets(allowed=10, allowed_resolvers=5)

    budgets.check(20, "sha", own=20)
    budgets.check_resolvers(20, "sha", own=20)
    with pytest.raises(RequestError, match="estimated to cost 4; 3 is allowed"):
        budgets.check(4, "sha", own=3)
    with pytest.raises(RequestError, match="estimated to cost 4 and has no plan; 3 is allowed"):
        budgets.check_resolvers(4, "sha", own=3)


@pytest.mark.parametrize("mode", [CostMode.OFF, CostMode.MEASURE])
def test_nothing_is_said_where_costs_are_only_measured(mode: CostMode) -> None:
    with capture_logs() as logged:
        Budgets(mode, allowed=1).check(2, "sha")

    assert logged == []


def test_a_warning_is_given_once_a_document() -> None:
    budgets = Budgets(CostMode.WARN, allowed=1, allowed_resolvers=1)

    with capture_logs() as logged:
        for document in ("one", "two", "one"):
            budgets.check(2, document)
        budgets.check_resolvers(2, "one")

    assert [(entry["document"], entry["plan"]) for entry in logged] == [("one", True), ("two", True), ("one", False)]
    assert logged[0]["estimated"] == 2
    assert logged[0]["allowed"] == 1


def test_costs_are_estimated_unless_they_are_off() -> None:
    assert [mode for mode in CostMode if not Budgets(mode).estimates] == [CostMode.OFF]
