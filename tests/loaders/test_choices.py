"""Declarations of fields over several tables, and of those that a page hangs on."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet
from strawberry.types.lazy_type import LazyType

from loaders.choices import FetchEachOf, FetchOneOf, type_of
from loaders.errors import DeclarationError
from loaders.fetches import Fetch, declared_fetch
from loaders.relations import relation_fetch

GROUPS, KIND = relation_fetch(User, "groups"), relation_fetch(Permission, "content_type")
CODENAMES = relation_fetch(User, "user_permissions")


def test_a_choice_among_rows_takes_no_list() -> None:
    with pytest.raises(DeclarationError, match=r"User\.groups does not give one row or none"):
        FetchOneOf({"Group": (Group, GROUPS)})


def test_a_choice_among_rows_takes_no_row_of_nulls() -> None:
    @declared_fetch(Group, key="id", many=False, empty_when_missing=True)
    def group_or_nulls() -> QuerySet[Group]:
        return Group.objects.order_by("id")

    with pytest.raises(DeclarationError, match="group_or_nulls does not give one row or none"):
        FetchOneOf({"Group": (Group, group_or_nulls)})


def test_lists_are_joined_of_lists() -> None:
    with pytest.raises(DeclarationError, match=r"Permission\.content_type gives one row, not a list"):
        FetchEachOf({"Kind": (Group, KIND)})


@pytest.mark.parametrize(
    ("fetch", "order", "message"),
    [
        (CODENAMES, "codename", None),
        (CODENAMES, "created_at", "Permission has no column created_at to be sorted by"),
        (relation_fetch(Group, "user"), "last_login", "rows cannot be sorted by the nullable column last_login"),
    ],
)
def test_lists_are_sorted_by_a_column_of_every_table_without_nulls(
    fetch: Fetch, order: str, message: str | None
) -> None:
    choices = {"Some": (Group, fetch)}

    if message is None:
        assert FetchEachOf(choices, order).order == order
    else:
        with pytest.raises(DeclarationError, match=message):
            FetchEachOf(choices, order)


def test_columns_are_the_keys_of_every_choice_once() -> None:
    choices = {"Group": (Group, GROUPS), "Permission": (Permission, CODENAMES)}

    assert FetchEachOf(choices).columns == ("id",)
    assert FetchOneOf({"Kind": (Group, KIND)}).columns == ("content_type_id",)


def test_a_type_may_be_named_before_it_is_defined() -> None:
    assert type_of(LazyType("OperationContext", "loaders.context")).__name__ == "OperationContext"
    assert type_of(Group) is Group
