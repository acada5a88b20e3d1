"""Canteens in towns that do not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, slots=True)
class Kind:
    """What canteens of one kind have in common."""

    always: tuple[str, ...]
    """Dish types on every day, in this order."""
    sometimes: tuple[str, ...]
    """Dish types of which some follow."""
    by_weight: bool
    opens: str
    closes: str
    days: int
    """How many days a week it serves, from Monday on."""


KINDS: Mapping[str, Kind] = {
    "Mensa": Kind(
        ("Suppe", "Vegan", "Vegan", "Vegetarisch", "Fleisch", "Fleisch", "Pasta"),
        ("Fisch", "Pizza", "Wok", "Beilage", "Beilage", "Süßspeise", "Dessert"),
        by_weight=True,
        opens="11:00",
        closes="14:30",
        days=5,
    ),
    "Bistro": Kind(
        ("Suppe", "Vegan", "Vegetarisch", "Fleisch", "Pasta", "Dessert"),
        ("Pizza", "Salat", "Dessert"),
        by_weight=False,
        opens="09:00",
        closes="16:00",
        days=6,
    ),
    "Café": Kind(
        ("Suppe", "Pasta", "Vegetarisch", "Salat", "Dessert", "Dessert"),
        ("Vegan", "Süßspeise", "Salat"),
        by_weight=False,
        opens="08:30",
        closes="15:30",
        days=5,
    ),
}


@dataclass(frozen=True, slots=True)
class Canteen:
    """A place that serves. ``level_cents``: how much dearer than the cheapest."""

    canteen_id: str
    kind: Kind
    name: str
    address: str
    latitude: float
    longitude: float
    level_cents: int

    def listed(self) -> dict[str, Any]:
        """Its entry in ``/canteens.json``."""
        hours = {"start": self.kind.opens, "end": self.kind.closes}
        return {
            "enum_name": self.canteen_id.upper().replace("-", "_"),
            "name": self.name,
            "location": {"address": self.address, "latitude": self.latitude, "longitude": self.longitude},
            "canteen_id": self.canteen_id,
            "queue_status": None,
            "open_hours": dict.fromkeys(WEEKDAYS[: self.kind.days], hours),
        }


PLACES = """
Marlstadt 50.3127 9.1483
    Mensa Uhrturm, Uhrturmplatz 3
    Mensa Nordcampus, Zeisigweg 18
    Bistro Sternwarte, Am Refraktor 7
    Café Lesesaal, Bibliotheksgasse 2
Tannfurt 49.2218 11.8306
    Mensa Alte Weberei, Webergasse 11
    Bistro Glashaus, Scheibenweg 40
    Café Hörsaal Neun, Ring der Künste 9
Falkenlohe 51.6044 10.3371
    Mensa Lohmühle, Mühlgraben 1
    Bistro Physikum, Pendelstraße 25
    Café Federkiel, Schreiberhof 6
Wellingsau 48.5530 9.9127
    Mensa Auwiesen, Auwiesenstraße 50
    Mensa Steinbrücke, Brückenkopf 4
    Bistro Kesselhaus, Dampfgasse 13
    Café Kolloquium, Disputweg 8
Brigghafen 53.8921 8.9940
    Mensa Hafenbecken, Kai Sieben 2
    Bistro Lotsenhaus, Lotsenstieg 10
    Café Seezeichen, Tonnenhof 5
Grünhagenau 52.1409 12.7716
    Mensa Hagenhof, Hagenhofallee 33
    Bistro Botanikum, Farnweg 12
    Café Gewächshaus, Orchideenpfad 1
Ostervaal 54.2088 10.1162
    Mensa Deichblick, Deichkrone 21
    Bistro Kranhalle, Werftring 60
    Café Windfang, Luvseite 3
Silbermark 50.9475 13.2204
    Mensa Silberschacht, Haldenstraße 17
    Bistro Münze, Prägegasse 14
"""
"""A town: name, latitude, longitude; indented below it its canteens: kind and name, street."""

SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "é": "e", "ß": "ss", " ": "-"})


def _canteens() -> Iterator[Canteen]:
    town, latitude, longitude, count = "", 0.0, 0.0, 0
    for line in PLACES.strip().splitlines():
        if not line.startswith(" "):
            town, north, east = line.split()
            latitude, longitude = float(north), float(east)
            continue
        name, _, street = line.strip().partition(", ")
        latitude, longitude = latitude + 0.0043, longitude - 0.0061
        yield Canteen(
            canteen_id=f"{name} {town}".lower().translate(SPELLED),
            kind=KINDS[name.split()[0]],
            name=f"{name} {town}",
            address=f"{street}, {town}",
            latitude=round(latitude, 4),
            longitude=round(longitude, 4),
            level_cents=5 * (count % 4),
        )
        count += 1


CANTEENS = tuple(_canteens())
