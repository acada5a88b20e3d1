"""What an item costs the one who asks, by itself or as an option."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, F, Field, Q, QuerySet, TextField

from catalog.models import Audience, GroupOption, Offer, PriceChange
from loaders.facets import Facet
from loaders.fetches import Fetch, declared_fetch
from loaders.listings import declared_listing
from loaders.params import Param
from resolvers.offers import meant_for, most_specific, offers_change, valid

AUDIENCE = Facet(Offer._meta.get_field("audience"), default=Audience.GUESTS)
"""The audience that a viewer belongs to."""

ASKED: dict[str, Field[Any, Any]] = {
    "channel": TextField(),
    "for_audience": TextField(),
    "location": TextField(),
    "at": DateTimeField(),
}
"""What a price can be asked for: another audience than the viewer's, another place than the item's own."""

OPTION = "item__offers__"
"""From an option of a group to the offers of its item."""


def asked_for(
    channel: Param | None,
    for_audience: Param | None,
    location: Param | None,
    at: Param | None,
    audience: Param,
    instant: Param,
    *,
    item: str,
    prefix: str = "",
) -> Q:
    """Offers that answer the question. item, prefix: paths to the item and to the offer.

    They hold for the audience or for everyone, at the location or at every one and, with a channel, for it. Without a
    channel only those of every channel count: a channel's own says nothing of the others.
    """
    here = meant_for("location__slug", location, prefix)
    if location is None:
        here = meant_for("location_id", F(f"{item}location_id"), prefix)
    through = meant_for("channel", channel, prefix) if channel is not None else Q(**{f"{prefix}channel__isnull": True})
    return valid(at or instant, prefix) & meant_for("audience", for_audience or audience, prefix) & here & through


@declared_fetch(
    Offer,
    key="item_id",
    many=False,
    params=ASKED,
    facets={"audience": AUDIENCE},
    reads_instant=True,
    changes=offers_change,
)
def price_by_item_id(**asked: Any) -> QuerySet[Offer]:
    """The item's price: the offer for the audience before the one for everyone, then the more specific one."""
    offers = Offer.objects.filter(asked_for(**asked, item="item__"), group__isnull=True)
    return offers.order_by(*most_specific("audience", "location", "channel", "schedule"), "id")


def option_prices(**asked: Any) -> QuerySet[GroupOption]:
    """Options with the offers of their items: those as an option of the group come first, then as of an item."""
    as_option = Q(**{f"{OPTION}group": F("group")}) | Q(**{f"{OPTION}group__isnull": True})
    live = Q(**{f"{OPTION}id__isnull": False, f"{OPTION}deleted_at__isnull": True})
    # One call of filter: another would join the offers once more.
    options = GroupOption.objects.filter(live & as_option & asked_for(**asked, item="item__", prefix=OPTION))
    ranks = ("group", "audience", "location", "channel", "schedule")
    return options.order_by(*most_specific(*ranks, prefix=OPTION), f"{OPTION}id")


price_by_option_id = Fetch(
    name="price_by_option_id",
    model=Offer,
    parent_column="id",
    key_path="id",
    many=False,
    prefix=OPTION,
    build=lambda arguments: option_prices(**arguments),
    params=ASKED,
    facets={"audience": AUDIENCE},
    reads_instant=True,
    changes=offers_change,
    heads=(Offer._meta.db_table, GroupOption._meta.db_table),
)


@declared_listing(PriceChange, order=("-recorded_at",), params={"since": DateTimeField(), "audience": TextField()})
def price_changes(since: Param | None, audience: Param | None) -> QuerySet[PriceChange]:
    """What an item has cost: every entry that a publish wrote, of offers that are gone too, the latest first."""
    changes = PriceChange.objects.filter(offer__group__isnull=True)
    if since is not None:
        changes = changes.filter(recorded_at__gte=since)
    if audience is not None:
        changes = changes.filter(meant_for("audience", audience, "offer__"))
    return changes
