"""Places whose every value says which transaction wrote it, and what a gateway has to show of them at any instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.acceptance.truth.asking import Question
from tests.pantry import CONCERNS

FAR = date(2099, 1, 1)
DISHES = ("dish0", "dish1", "dish2")
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Dish:
    """An item at its place, with its offer and its stock."""

    name: str
    description: str
    amount: int
    reason: str
    placed: bool = True
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    state: str = "SOLD_OUT"
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """Two menus, of the days before and after a midnight (seconds since 1970) at the place."""

    midnight: int
    after: date
    names: tuple[str, str]

    @property
    def before(self) -> date:
        return self.after - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A location with all that it sells. confirmed: by concern."""

    slug: str
    address: str
    menu: str
    section: str
    dishes: tuple[Dish, ...]
    confirmed: Mapping[str, datetime]
    days: Days | None = field(default=None)

    def boundaries(self) -> Sequence[float]:
        """Whatever comes to pass by the clock alone."""
        instants = [at for dish in self.dishes for at in (dish.valid_from, dish.valid_until, dish.until)]
        thresholds = [
            self.confirmed[concern] + seconds * SECOND for concern in CONCERNS for seconds in CONCERNS[concern]
        ]
        midnights = [] if self.days is None else [float(self.days.midnight)]
        return [at.timestamp() for at in (*instants, *thresholds) if at is not None] + midnights

    def status(self, concern: str, at: float) -> str:
        """FRESH, STALE or EXPIRED."""
        fresh, stale = CONCERNS[concern]
        age = at - self.confirmed[concern].timestamp()
        return "FRESH" if age <= fresh else "STALE" if age <= stale else "EXPIRED"


def passed(instant: datetime | None, at: float) -> bool:
    return instant is not None and instant.timestamp() <= at


def iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def amounts(dish: Dish, at: float) -> list[Any]:
    if passed(dish.valid_until, at) or (dish.valid_from is not None and not passed(dish.valid_from, at)):
        return []
    return [{"money": {"amount": f"{dish.amount}.0000"}}]


def stock(place: Place, dish: Dish, at: float) -> dict[str, Any]:
    over = passed(dish.until, at)
    state = dish.state
    if over:
        state = "UNKNOWN" if state == "AVAILABLE" else "AVAILABLE"
    if place.status("availability", at) == "EXPIRED":
        state = "UNKNOWN"
    return {"state": state, "until": None if over else iso(dish.until), "reason": dish.reason}


def placed(place: Place) -> list[Dish]:
    return [dish for dish in place.dishes if dish.placed]


def menus(place: Place, dishes: Sequence[Any], at: float | None = None) -> list[Any]:
    """Menus from the place's own today on; all of them without an instant."""
    shown = [{"name": place.menu, "sections": [{"name": place.section, "items": list(dishes)}]}]
    if place.days is None:
        return shown
    empty: list[Any] = [{"name": name, "sections": []} for name in place.days.names]
    return [*(empty if at is None or at < place.days.midnight else empty[1:]), *shown]


def everything(place: Place, at: float) -> Any:
    dishes = [
        {
            "name": dish.name,
            "description": dish.description,
            "prices": amounts(dish, at),
            "availability": stock(place, dish, at),
        }
        for dish in placed(place)
    ]
    return {"address": place.address, "menus": menus(place, dishes)}


def today(place: Place, at: float) -> Any:
    return {"menus": [{"name": menu["name"]} for menu in menus(place, [], at)]}


def address(place: Place, _: float) -> Any:
    return {"address": place.address}


def prices(place: Place, at: float) -> Any:
    return {"menus": only_sections(place, [{"prices": amounts(one, at)} for one in placed(place)])}


def states(place: Place, at: float) -> Any:
    shown = [{"availability": {"state": stock(place, one, at)["state"]}} for one in placed(place)]
    return {"menus": only_sections(place, shown)}


def statuses(place: Place, at: float) -> Any:
    shown = [
        {
            "availability": {"freshness": {"status": place.status("availability", at)}},
            "freshness": {"status": place.status("menu", at)},
        }
        for _ in placed(place)
    ]
    return {"menus": only_sections(place, shown)}


def confirmations(place: Place, _: float) -> Any:
    shown = [
        {"availability": {"freshness": {"confirmedAt": iso(place.confirmed["availability"])}}} for _ in placed(place)
    ]
    return {"menus": only_sections(place, shown)}


def only_sections(place: Place, dishes: Sequence[Any]) -> list[Any]:
    return [{"sections": [{"items": one["items"]} for one in menu["sections"]]} for menu in menus(place, dishes)]


def listed(place: Place, _: float) -> Any:
    return {"address": place.address, "menus": [{"name": menu["name"]} for menu in menus(place, [])]}


def found(place: Place, _: float) -> Any:
    return sorted(dish.description for dish in place.dishes)


def ages(place: Place, at: float) -> Any:
    return {concern: (place.status(concern, at), iso(place.confirmed[concern])) for concern in CONCERNS}


ALL = 'menus(from: "2000-01-01")'
ITEMS = ALL + " { sections { items { %s } } }"
STOCK = "availability { state until reason }"
DISH = f"name description prices {{ money {{ amount }} }} {STOCK}"
EVERYTHING = f"address {ALL} {{ name sections {{ name items {{ {DISH} }} }} }}"
LISTED = f"address {ALL} {{ name }}"

BY_SLUG = {
    "everything": (EVERYTHING, everything),
    "today": ("menus { name }", today),
    "address": ("address", address),
    "prices": (ITEMS % "prices { money { amount } }", prices),
    "states": (ITEMS % "availability { state }", states),
    "statuses": (ITEMS % "availability { freshness { status } } freshness { status }", statuses),
    "confirmations": (ITEMS % "availability { freshness { confirmedAt } }", confirmations),
}


def questions(slugs: Sequence[str]) -> list[Question]:
    """Everything that is asked about these places."""
    return [
        *(by_slug(name, slug) for name in BY_SLUG for slug in slugs),
        *(
            Question(
                f"search {slug}",
                "query Search($text: String!) { search(text: $text, first: 50) { nodes { description } } }",
                {"text": slug},
                lambda data, slug=slug: {slug: sorted(node["description"] for node in data["search"]["nodes"])},  # type: ignore[misc]
                found,
            )
            for slug in slugs
        ),
        Question(
            "listing",
            f"query Listing($first: Int!) {{ locations(first: $first) {{ nodes {{ slug {LISTED} }} }} }}",
            {"first": 50},
            lambda data: {node.pop("slug"): node for node in map(dict, data["locations"]["nodes"])},
            listed,
        ),
        Question("ages", "{ freshness { source concern status confirmedAt } }", {}, ages_by_source, ages),
    ]


def by_slug(name: str, slug: str) -> Question:
    selection, shown = BY_SLUG[name]
    document = f"query {name.title()}($slug: String!) {{ location(slug: $slug) {{ {selection} }} }}"
    return Question(f"{name} {slug}", document, {"slug": slug}, lambda data: {slug: data["location"]}, shown)


def ages_by_source(data: Any) -> dict[str, Any]:
    by_source: dict[str, Any] = {}
    for one in data["freshness"]:
        by_source.setdefault(one["source"], {})[one["concern"]] = (one["status"], one["confirmedAt"])
    return by_source


def instant_in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
