"""Fetches derived from model metadata, against Django's own answer."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, Permission, User
from django.db import models

from catalog.models import Item, Menu, Section
from loaders.errors import DeclarationError
from loaders.fetches import Fetch
from loaders.lanes import Lanes
from loaders.loader import loader_for
from loaders.managers import visible_through
from loaders.relations import ordering, relation_fetch
from loaders.session import ReadSession


async def load(database_url: str, fetch: Fetch, column: str, keys: list[object]) -> list[object]:
    lanes = Lanes(database_url, count=1)
    await lanes.open()
    try:
        async with ReadSession(lanes) as session:
            loader = loader_for(session, fetch, None, (column,), {})
            found = [await loader.load(key) for key in keys]
    finally:
        await lanes.close()
    return [
        [getattr(row, column) for row in rows] if isinstance(rows, list) else rows and getattr(rows, column)
        for rows in found
    ]


@sync_to_async
def users_in_groups() -> tuple[list[int], list[list[str]], list[list[str]]]:
    User.objects.all().delete()
    Group.objects.all().delete()
    groups = [Group.objects.create(name=name) for name in ("waiters", "cooks", "owners")]
    users = [User.objects.create(username=name) for name in ("ann", "bob", "cem")]
    users[0].groups.set(groups)
    users[1].groups.set(groups[1:2])
    return (
        [user.pk for user in users],
        [list(user.groups.order_by("pk").values_list("name", flat=True)) for user in users],
        [list(group.user_set.order_by("pk").values_list("username", flat=True)) for group in groups],
    )


async def test_many_to_many_both_ways(store: str) -> None:
    users, groups_of, users_of = await users_in_groups()
    groups = [row.pk async for row in Group.objects.order_by("pk")]

    assert await load(store, relation_fetch(User, "groups"), "name", list(users)) == groups_of
    assert await load(store, relation_fetch(Group, "user"), "username", list(groups)) == users_of


async def test_forward_and_reverse_foreign_key(store: str) -> None:
    permission = await Permission.objects.select_related("content_type").afirst()
    assert permission is not None
    kind = permission.content_type
    expected = [row.codename async for row in kind.permission_set.all()]

    [model] = await load(store, relation_fetch(Permission, "content_type"), "model", [kind.pk])
    [codenames] = await load(store, relation_fetch(type(kind), "permission"), "codename", [kind.pk])

    assert model == kind.model
    assert codenames == expected


def test_a_managers_condition_joins_and_any_other_manager_is_a_subselect() -> None:
    class Odd(models.Manager):  # type: ignore[type-arg]
        def get_queryset(self) -> models.QuerySet[Group]:
            return super().get_queryset().exclude(name="hidden")

    assert visible_through(Item, "item__") == models.Q(item__deleted_at__isnull=True)
    assert visible_through(Group, "group__") == visible_through(Group, "group__")

    odd = Odd()
    odd.model = Group
    original = Group._meta.__dict__.get("default_manager")
    Group._meta.__dict__["default_manager"] = odd
    try:
        condition = visible_through(Group, "group__")
    finally:
        Group._meta.__dict__["default_manager"] = original
    assert "group__pk__in" in dict(condition.children)  # type: ignore[arg-type]


def test_a_through_models_ordering_comes_first() -> None:
    text = relation_fetch(Section, "items").statement(("name",)).text

    assert text.partition(" ORDER BY ")[2] == (
        '"larder_placement"."position" ASC, "larder_placement"."id" ASC, "larder_placement"."item_id" ASC'
    )


def test_every_ordering_ends_with_a_unique_column() -> None:
    assert relation_fetch(Menu, "sections").statement(("name",)).text.endswith('"larder_section"."id" ASC')
    assert (
        relation_fetch(type(Permission.content_type.field.related_model()), "permission")
        .statement(("name",))
        .text.endswith('"auth_permission"."id" ASC')
    )


def test_an_ordering_of_expressions_is_refused() -> None:
    class Shuffled(models.Model):  # noqa: DJ008 - never shown
        class Meta:
            app_label = "auth"
            managed = False
            ordering = ["?"]

    with pytest.raises(DeclarationError, match=r"Shuffled\.Meta\.ordering must hold column names only"):
        ordering(Shuffled)


def test_a_generic_relation_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"User\.username is a CharField"):
        relation_fetch(User, "username")
