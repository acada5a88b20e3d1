"""Menus, prices and availability, to look at in Django's admin."""

from __future__ import annotations

from django.contrib import admin

from catalog.models import (
    Availability,
    GroupOption,
    Item,
    ItemGroup,
    Location,
    Menu,
    Offer,
    OptionGroup,
    Placement,
    PriceChange,
    Schedule,
    Section,
    Source,
)
from sync.admin import ReadOnlyAdmin


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    ordering = ["name"]
    list_display = ["name", "kind", "account"]


class CatalogRowAdmin(ReadOnlyAdmin):
    """A supplier's row: where it comes from, and whether the supplier still has it."""

    ordering = ["id"]
    list_filter = ["source", ("deleted_at", admin.EmptyFieldListFilter)]
    search_fields = ["external_id"]


@admin.register(Schedule)
class ScheduleAdmin(CatalogRowAdmin):
    list_display = ["external_id", "timezone", "weekly", "first_day", "last_day", "source", "deleted_at"]


@admin.register(Location)
class LocationAdmin(CatalogRowAdmin):
    ordering = ["name", "id"]
    list_display = ["name", "slug", "timezone", "currency", "accepting", "item_count", "source", "deleted_at"]
    search_fields = ["name", "slug", "external_id"]


@admin.register(Menu)
class MenuAdmin(CatalogRowAdmin):
    ordering = ["-service_date", "id"]
    list_display = ["name", "location", "channel", "service_date", "source", "deleted_at"]
    list_select_related = ["location", "source"]
    date_hierarchy = "service_date"


@admin.register(Section)
class SectionAdmin(CatalogRowAdmin):
    list_display = ["name", "menu", "position", "source", "deleted_at"]
    list_select_related = ["menu", "source"]


@admin.register(Item)
class ItemAdmin(CatalogRowAdmin):
    list_display = ["name", "language", "location", "allergens", "diets", "source", "deleted_at"]
    list_select_related = ["location", "source"]
    search_fields = ["name", "external_id"]
    exclude = ["search"]


@admin.register(Placement)
class PlacementAdmin(CatalogRowAdmin):
    list_display = ["item", "section", "position", "source", "deleted_at"]
    list_select_related = ["item", "section", "source"]


@admin.register(OptionGroup)
class OptionGroupAdmin(CatalogRowAdmin):
    list_display = ["name", "least", "most", "price_method", "source", "deleted_at"]
    search_fields = ["name", "external_id"]


@admin.register(GroupOption)
class GroupOptionAdmin(CatalogRowAdmin):
    list_display = ["item", "group", "position", "preselected", "source", "deleted_at"]
    list_select_related = ["item", "group", "source"]


@admin.register(ItemGroup)
class ItemGroupAdmin(CatalogRowAdmin):
    list_display = ["item", "group", "position", "least", "most", "most_overridden", "source", "deleted_at"]
    list_select_related = ["item", "group", "source"]


@admin.register(Offer)
class OfferAdmin(CatalogRowAdmin):
    list_display = ["item", "audience", "channel", "amount", "currency", "per_unit_amount", "per_unit", "deleted_at"]
    list_select_related = ["item"]
    list_filter = ["audience", "channel", *CatalogRowAdmin.list_filter]
    search_fields = ["item__name", "external_id"]


@admin.register(PriceChange)
class PriceChangeAdmin(ReadOnlyAdmin):
    ordering = ["-id"]
    list_display = ["offer", "recorded_at", "amount", "per_unit_amount", "per_unit", "currency", "deleted", "run_id"]
    list_select_related = ["offer"]


@admin.register(Availability)
class AvailabilityAdmin(CatalogRowAdmin):
    list_display = ["item", "location", "channel", "state", "until", "quantity", "source", "deleted_at"]
    list_select_related = ["item", "location", "source"]
    list_filter = ["state", *CatalogRowAdmin.list_filter]
    search_fields = ["item__name", "external_id"]
