"""Tables with what slows an API down. The comments say which codes are found at a line."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models

from larder.sync import SuppliedRow
from sync.rows import SyncedRow


class Row(models.Model):
    objects: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True


class Tree(Row):  # finds W001
    label = models.SlugField(unique=True)
    kind = models.TextField()
    height = models.IntegerField()

    class Meta:
        app_label = "orchard"
        ordering = ["kind"]
        indexes = [models.Index(fields=["-height"], name="orchard_tree_by_height")]
        constraints = [models.UniqueConstraint(fields=["kind", "height"], name="orchard_tree_kind_height")]

    def __str__(self) -> str:
        return self.label


class Apple(Row):  # finds W001
    tree = models.ForeignKey(Tree, models.CASCADE, related_name="apples", db_index=False)  # finds E201
    colour = models.TextField(db_index=True)
    weight = models.IntegerField()
    place = models.IntegerField()

    class Meta:
        app_label = "orchard"
        ordering = ["colour"]
        constraints = [models.UniqueConstraint(fields=["colour", "place"], name="orchard_apple_place")]

    def __str__(self) -> str:
        return self.colour


class Basket(Row):  # finds W001
    apples: Any = models.ManyToManyField(Apple, related_name="baskets")  # finds W001
    owner = models.IntegerField()  # finds E201
    sold_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "orchard"

    def __str__(self) -> str:
        return str(self.owner)


class Label(Row):  # finds W001
    basket = models.ForeignKey(Basket, models.CASCADE, related_name="+", db_index=False)  # finds E201
    text = models.TextField()

    class Meta:
        app_label = "orchard"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class Parcel(SyncedRow):  # finds E406 W407
    source = models.SlugField(max_length=64)
    token = models.TextField()

    class Meta(SyncedRow.Meta):
        app_label = "orchard"

    def __str__(self) -> str:
        return self.external_id


class Crate(SuppliedRow):
    class Meta(SuppliedRow.Meta):
        app_label = "orchard"

    def __str__(self) -> str:
        return self.external_id
