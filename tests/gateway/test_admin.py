"""The admin shows every row and changes none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from sync.models import Problem, Run, Stream
from tests.pantry import Pantry, storefront

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def browser(store: str) -> Iterator[Client]:
    User.objects.all().delete()
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("operator"))
    storefront(Pantry(), "corner", items=2)
    Stream.objects.create(source="pantry", name="menu")
    run = Run.objects.create(source="pantry", stream="menu", fence=1, started_at=NOON)
    Problem.objects.create(run=run, kind="item", key="soup", rule="must have a name", value="''")
    yield client
    connection.close()


def larder_models() -> list[type[Model]]:
    return [model for model in admin.site._registry if model._meta.app_label.startswith("larder_")]


def page(model: type[Model], name: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


@pytest.mark.parametrize("model", larder_models(), ids=lambda model: model.__name__)
def test_rows_are_shown_and_cannot_be_changed(browser: Client, model: type[Model]) -> None:
    row = model._base_manager.first()

    assert browser.get(page(model, "changelist")).status_code == 200
    assert browser.get(page(model, "add")).status_code == 403
    if row is not None:
        assert browser.get(page(model, "change", row.pk)).status_code == 200
        assert browser.post(page(model, "change", row.pk), {}).status_code == 403
        assert browser.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_rows_that_the_supplier_no_longer_has_are_shown(browser: Client) -> None:
    gone = Item.objects.order_by("id").first()
    assert gone is not None
    Item.objects.filter(pk=gone.pk).update(deleted_at=NOON)

    assert gone.name in browser.get(page(Item, "changelist")).content.decode()


def test_accounts_are_not_made_here(browser: Client) -> None:
    assert browser.get("/admin/auth/user/").status_code == 404
    assert b"Larder" in browser.get("/admin/").content
