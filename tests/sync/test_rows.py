"""What a model of a supplier's rows has without saying so, and an application without suppliers."""

from __future__ import annotations

import pytest
from django.db import models

from sync.rows import SuppliedRow
from sync.targets import TargetSet, installed_targets


class Crate(SuppliedRow):
    weight = models.IntegerField()

    class Meta(SuppliedRow.Meta):
        app_label = "supplied"
        ordering = ["weight"]

    def __str__(self) -> str:
        return self.external_id


def test_its_key_is_unique_and_its_scope_is_indexed() -> None:
    [key] = Crate._meta.constraints
    [index] = Crate._meta.indexes

    assert key.name == "supplied_crate_natural_key"
    assert isinstance(key, models.UniqueConstraint)
    assert key.fields == ("source", "external_id")
    assert index.fields == ["source", "scope"]
    assert Crate._meta.get_field("source").column == "source"


def test_what_the_supplier_no_longer_has_is_hidden() -> None:
    assert '"deleted_at" IS NULL' in str(Crate.objects.all().query)
    assert '"deleted_at" IS NULL' not in str(Crate._base_manager.all().query)


def test_an_application_may_have_no_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.LARDER_TARGETS", None)

    assert installed_targets() == TargetSet(())
