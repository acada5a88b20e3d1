"""Fetches and listings that are slow, loose or never kept, and some that are not."""

from __future__ import annotations

from django.db.models import DateTimeField, IntegerField, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from larder.graphql import Param, declared_fetch, declared_listing
from tests.gateway.checking.orchard.models import Apple, Basket, Label, Tree


@declared_fetch(Tree, key="kind", parent="kind")
def trees_by_kind() -> QuerySet[Tree]:
    """In its kind a tree's height is unique."""
    return Tree.objects.order_by("height")


@declared_fetch(Apple, key="colour", parent="colour")
def apples_by_colour() -> QuerySet[Apple]:
    """In its colour an apple's place is unique."""
    return Apple.objects.order_by("place")


@declared_fetch(Apple, key="colour", parent="colour")
def apples_by_weight() -> QuerySet[Apple]:  # finds W203
    return Apple.objects.order_by("-weight")


@declared_fetch(Apple, key="colour", parent="colour", many=False)
def any_apple() -> QuerySet[Apple]:  # finds W203
    return Apple.objects.order_by()


@declared_fetch(Apple, key="colour", parent="colour", params={"least": IntegerField()})
def heavy_apples(least: Param | None) -> QuerySet[Apple]:  # finds W203
    """Loose only where the argument is given."""
    if least is None:
        return Apple.objects.order_by("id")
    return Apple.objects.filter(weight__gte=least).order_by("weight", "tree__label")


@declared_fetch(Apple, key="colour", parent="colour", params={"first": IntegerField()})
def first_apples(first: Param | None) -> QuerySet[Apple]:
    """At most so many: a page of its own."""
    numbered = Apple.objects.annotate(number=Window(RowNumber(), partition_by="colour", order_by="id"))
    return numbered.filter(number__lte=first or 20).order_by("id")  # type: ignore[return-value]


@declared_fetch(Apple, key="colour", parent="colour")
def distinct_apples() -> QuerySet[Apple]:
    return Apple.objects.order_by("place").distinct()


@declared_fetch(Basket, key="apples__id", reads_instant=True)
def sold_baskets(instant: Param) -> QuerySet[Basket]:  # finds W103
    return Basket.objects.filter(sold_at__lte=instant).order_by("id")


@declared_fetch(Basket, key="owner", parent="height", params={"until": DateTimeField()})
def baskets_of_owner(until: Param | None) -> QuerySet[Basket]:  # finds W103
    return Basket.objects.filter(sold_at__lt=Now() if until is None else until).order_by("id")


@declared_listing(Apple, order=("weight",))
def apples_in_pages() -> QuerySet[Apple]:  # finds W202
    return Apple.objects.all()


@declared_listing(Apple, order=("-place",))
def apples_in_places() -> QuerySet[Apple]:
    """By its colour, its index has the order."""
    return Apple.objects.all()


@declared_listing(Apple, order=("weight",))
def apples_of_colour() -> QuerySet[Apple]:  # finds W202
    return Apple.objects.all()


@declared_listing(Tree, order=("height",))
def trees_by_height() -> QuerySet[Tree]:
    return Tree.objects.all()


@declared_listing(Tree, order=("height",))
def trees_of_label() -> QuerySet[Tree]:
    """There is one."""
    return Tree.objects.all()


@declared_listing(Basket, order=("sold_at",))
def baskets_by_sale() -> QuerySet[Basket]:  # finds W202
    """All of them have an index; those of an owner have none."""
    return Basket.objects.all()


@declared_listing(Label, order=("id",))
def labels() -> QuerySet[Label]:
    return Label.objects.all()
