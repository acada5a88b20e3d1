"""Writers of places, by every route: publishes of a supplier, Django's ORM in all its ways, raw SQL."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from catalog.models import Availability, Item, Location, Menu, Offer, Placement, Section
from sync.models import Confirmation
from sync.runner import run_stream
from sync.settings import SourceSettings
from tests.acceptance.truth.kitchens import SAYS, STREAM
from tests.acceptance.truth.places import DISHES, FAR, Days, Dish, Place, instant_in
from tests.acceptance.truth.writing import Stroke, Writer
from tests.pantry import CONCERNS, Pantry

FIRST_AMOUNT = 1000
"""So that a price never moves as much as the guards would question."""


def dishes(slug: str, version: int) -> tuple[Dish, ...]:
    return tuple(Dish(name, f"{slug} {version}", FIRST_AMOUNT + version, str(version)) for name in DISHES)


def first(slug: str, confirmed_at: datetime) -> Place:
    return Place(slug, "0", "0", "0", dishes(slug, 0), dict.fromkeys(CONCERNS, confirmed_at))


class PlaceWriter(Writer):
    """Changes rows of one place by the ORM and by SQL."""

    def strokes(self) -> Sequence[Stroke]:
        return [
            self.save,
            self.update,
            self.update_fields,
            self.describe,
            self.bulk_update,
            self.delete_and_bulk_create,
            self.raw_sql,
            self.place_or_remove,
            self.end_stock,
            self.end_prices,
            self.begin_prices,
            self.age,
        ]

    def save(self, state: Place, version: int) -> Place:
        location = Location.objects.get(slug=self.subject)
        location.address = str(version)
        location.save()
        return replace(state, address=str(version))

    def update(self, state: Place, version: int) -> Place:
        Menu.objects.filter(location__slug=self.subject, service_date=FAR).update(name=str(version))
        return replace(state, menu=str(version))

    def update_fields(self, state: Place, version: int) -> Place:
        section = Section.objects.get(menu__location__slug=self.subject)
        section.name = str(version)
        section.save(update_fields=["name"])
        return replace(state, section=str(version))

    def describe(self, state: Place, version: int) -> Place:
        description = f"{self.subject} {version}"
        Item.objects.filter(location__slug=self.subject).update(description=description)
        return every_dish(state, description=description)

    def bulk_update(self, state: Place, version: int) -> Place:
        offers = list(Offer.objects.filter(item__location__slug=self.subject))
        for offer in offers:
            offer.amount = Decimal(FIRST_AMOUNT + version)
        Offer.objects.bulk_update(offers, ["amount"])
        return every_dish(state, amount=FIRST_AMOUNT + version)

    def delete_and_bulk_create(self, state: Place, version: int) -> Place:
        offers = list(Offer.objects.filter(item__location__slug=self.subject))
        for offer in offers:
            offer.amount = Decimal(FIRST_AMOUNT + version)
        connection.cursor().execute("DELETE FROM larder_offer WHERE id = ANY(%s)", [[offer.pk for offer in offers]])
        Offer.objects.bulk_create(offers)
        return every_dish(state, amount=FIRST_AMOUNT + version)

    def raw_sql(self, state: Place, version: int) -> Place:
        connection.cursor().execute(
            "UPDATE larder_availability a SET reason = %s FROM larder_location l"
            " WHERE l.id = a.location_id AND l.slug = %s",
            [str(version), self.subject],
        )
        return every_dish(state, reason=str(version))

    def place_or_remove(self, state: Place, _: int) -> Place:
        at = self.luck.randrange(len(DISHES))
        dish = state.dishes[at]
        if dish.placed:
            Placement.objects.get(item__name=dish.name, item__location__slug=self.subject).delete()
        else:
            self.put_back(at, dish)
        return one_dish(state, at, placed=not dish.placed)

    def put_back(self, at: int, dish: Dish) -> None:
        item = Item.objects.get(name=dish.name, location__slug=self.subject)
        Placement(
            source_id=self.subject,
            external_id=item.external_id,
            node_id=item.node_id,
            scope=item.scope,
            content_hash=item.content_hash,
            confirmation_id=item.confirmation_id,
            section=Section.objects.get(menu__location__slug=self.subject),
            item=item,
            position=at,
        ).save(force_insert=True)

    def end_stock(self, state: Place, version: int) -> Place:
        until, at = instant_in(0.2 + self.luck.random()), self.luck.randrange(len(DISHES))
        chosen, reason = self.luck.choice(["AVAILABLE", "SOLD_OUT", "HIDDEN"]), str(version)
        rows = Availability.objects.filter(item__name=DISHES[at], location__slug=self.subject)
        rows.update(state=chosen, until=until, reason=reason)
        return one_dish(state, at, state=chosen, until=until, reason=reason)

    def end_prices(self, state: Place, version: int) -> Place:
        return self.validity(state, None, instant_in(0.2 + self.luck.random()), version)

    def begin_prices(self, state: Place, version: int) -> Place:
        begins = instant_in(0.2 + self.luck.random())
        return self.validity(state, begins, begins + timedelta(seconds=0.5), version)

    def validity(self, state: Place, begins: datetime | None, ends: datetime, version: int) -> Place:
        at, amount = self.luck.randrange(len(DISHES)), FIRST_AMOUNT + version
        offers = Offer.objects.filter(item__name=DISHES[at], item__location__slug=self.subject)
        offers.update(valid_from=begins, valid_until=ends, amount=amount)
        return one_dish(state, at, valid_from=begins, valid_until=ends, amount=amount)

    def age(self, state: Place, _: int) -> Place:
        """A confirmation becomes so old that it passes a threshold soon."""
        concern = self.luck.choice(list(CONCERNS))
        seconds = self.luck.choice(CONCERNS[concern])
        confirmed_at = instant_in(0.2 + self.luck.random() - seconds)
        connection.cursor().execute(
            "UPDATE larder_confirmation SET confirmed_at = %s WHERE source = %s AND concern = %s",
            [confirmed_at, self.subject, concern],
        )
        return replace(state, confirmed={**state.confirmed, concern: confirmed_at})


class PantryWriter(PlaceWriter):
    """A place that no supplier publishes; its midnight may be at any second."""

    def fill(self) -> None:
        """Make the rows of the first state."""
        place: Place = self.history.now
        pantry = Pantry(place.slug, place.confirmed["menu"])
        location = pantry.location(place.slug, name=place.slug, address="0", timezone="UTC")
        menu = pantry.menu(location, FAR)
        Menu.objects.filter(pk=menu.pk).update(name="0")
        section = pantry.section(menu, "0")
        for at, dish in enumerate(place.dishes):
            item = pantry.item(location, dish.name, description=dish.description)
            pantry.place(item, section, at)
            pantry.offer(item, str(dish.amount))
            pantry.availability(item, dish.state, reason=dish.reason)
        for day in (FAR - timedelta(days=2), FAR - timedelta(days=1)):
            pantry.menu(location, day)
        self.history.states[0] = self.turn(place, 0)

    def strokes(self) -> Sequence[Stroke]:
        return [*super().strokes(), self.turn]

    def turn(self, state: Place, version: int) -> Place:
        """Let the place's day end within a second or two."""
        midnight = math.ceil(time.time()) + 1
        after = datetime.fromtimestamp(midnight + 12 * 3600, UTC).date()
        east = int(datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp()) - midnight
        days = Days(midnight, after, (f"before {version}", f"after {version}"))
        Location.objects.filter(slug=self.subject).update(timezone=posix_zone(east))
        menus = Menu.objects.filter(location__slug=self.subject).exclude(service_date=FAR).order_by("id")
        for menu, day, name in zip(menus, (days.before, after), days.names, strict=True):
            Menu.objects.filter(pk=menu.pk).update(service_date=day, name=name)
        return replace(state, days=days)


class PublishedWriter(PlaceWriter):
    """A place that a supplier publishes, and others write to."""

    def fill(self) -> None:
        """Make the rows of the first state by a publish; the stock comes with the second one."""
        for _ in range(2):
            self.history.say(self.history.now)
            self.publish(self.history.now)

    def write(self) -> None:
        if self.luck.random() < 0.6:
            super().write()
            return
        for at, dish in enumerate(self.history.now.dishes):
            if not dish.placed:
                self.put_back(at, dish)
                self.history.say(one_dish(self.history.now, at, placed=True))
                self.history.done()
        self.version += 1
        said = str(self.version)
        place = replace(
            self.history.now, address=said, menu=said, section=said, dishes=dishes(self.subject, self.version)
        )
        if self.luck.random() < 0.5:
            place = one_dish(place, 1, state="HIDDEN", until=instant_in(0.3 + self.luck.random()))
            place = one_dish(place, 2, valid_until=instant_in(0.3 + self.luck.random()))
        self.history.say(place)
        self.publish(place)

    def publish(self, place: Place) -> None:
        """Run the supplier's stream; what it confirms is known only afterwards."""
        SAYS[self.subject] = place
        settings = SourceSettings(self.subject, "kitchens", "http://127.0.0.1")
        report = asyncio.run(run_stream(settings, STREAM))
        if report.state == "FAILED" and "deadlock" in str(report):
            self.history.take_back()
            self.routes["given_up"] += 1
            return
        assert report.state == "PUBLISHED", report
        self.history.done()
        rows = Confirmation.objects.filter(source=self.subject)
        confirmed: dict[str, Any] = dict(rows.values_list("concern", "confirmed_at"))
        self.history.states[-1] = replace(place, confirmed=confirmed)
        self.routes["publish"] += 1


def every_dish(place: Place, **changes: Any) -> Place:
    return replace(place, dishes=tuple(replace(dish, **changes) for dish in place.dishes))


def one_dish(place: Place, at: int, **changes: Any) -> Place:
    return replace(
        place,
        dishes=tuple(replace(dish, **changes) if at == number else dish for number, dish in enumerate(place.dishes)),
    )


def posix_zone(east: int) -> str:
    """A time zone so many seconds east of Greenwich, as POSIX writes it (IEEE 1003.1, 8.3 "TZ"): positive is west."""
    sign, seconds = ("-" if east > 0 else "+"), abs(east)
    return f"<own>{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def place_writers() -> list[PlaceWriter]:
    """Two places that are published and two that are not, with their rows. To be called in a thread."""
    now = datetime.now(UTC)
    writers: list[PublishedWriter | PantryWriter] = [
        PublishedWriter("alder", first("alder", now), 1),
        PublishedWriter("birch", first("birch", now), 2),
        PantryWriter("cedar", first("cedar", now), 3),
        PantryWriter("larch", first("larch", now), 4),
    ]
    for writer in writers:
        writer.fill()
    connection.close()
    return list(writers)
