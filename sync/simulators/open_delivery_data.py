"""Merchants of Open Delivery v1.7.0, generated: the same one, byte for byte, for the same seed, number and size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from random import Random
from typing import Any
from uuid import UUID

CURRENCY = "BRL"
KITCHENS = ("Pizzaria", "Cantina", "Lanchonete", "Padaria", "Churrascaria", "Pastelaria", "Tapiocaria")
NAMES = ("do Porto", "da Praça", "Bela Vista", "das Flores", "São Bento", "do Largo", "Três Irmãs", "da Esquina")
DISTRICTS = ("Moema", "Pinheiros", "Centro", "Jardim Sul", "Vila Nova")
CATEGORIES = ("Pizzas", "Lanches", "Pratos do dia", "Massas", "Saladas", "Sobremesas", "Bebidas", "Porções")
FIRST = ("Calabresa", "Frango", "Quatro queijos", "Palmito", "Carne seca", "Berinjela", "Camarão", "Abobrinha")
SECOND = (
    "da casa",
    "com catupiry",
    "ao molho de tomate",
    "com rúcula",
    "gratinado",
    "na brasa",
    "com alho",
    "ao pesto",
)
EXTRAS = ("Borda recheada", "Bacon", "Azeitonas", "Molho extra", "Queijo extra", "Cebola roxa")
ALLERGENS = ((), ("GLUTEN",), ("GLUTEN", "LACTOSE"), ("CRUSTACEANS",), ("NO_DECLARED_ALLERGENS",))
DIETS = ((), (), ("VEGETARIAN",), ("VEGAN",))
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
SERVICES = ("DELIVERY", "TAKEOUT", "INDOOR")
ITEMS_PER_CATEGORY = 8


def merchant(seed: int, number: int, items: int, ttl: int, now: datetime) -> dict[str, Any]:
    """The ``Merchant`` of that number, which sells ``items`` item offers."""
    rng = Random(f"{seed}/{number}")  # noqa: S311 - a demonstration
    extras = [item(rng, name) for name in EXTRAS]
    sold = [item(rng, name) for name in dish_names(rng, items)]
    availability = weekly(rng, "16:00:00.000Z", "22:00:00.000Z")
    groups = [option_group(rng, at, extras) for at in range(max(1, items // 10))]
    offers = [item_offer(rng, at, one, groups, availability["id"]) for at, one in enumerate(sold)]
    categories = [
        category(rng, at, offers[first : first + ITEMS_PER_CATEGORY])
        for at, first in enumerate(range(0, len(offers), ITEMS_PER_CATEGORY))
    ]
    menu = {
        "id": new_id(rng),
        "name": "Cardápio",
        "externalCode": "1",
        "categoryId": [one["id"] for one in categories],
    }
    document = f"{rng.randrange(10**13, 10**14)}"
    return {
        "lastUpdate": instant(now),
        "TTL": ttl,
        "id": f"{document}-{new_id(rng)}",
        "status": "AVAILABLE",
        "basicInfo": basic_info(rng, document),
        "services": [service(rng, kind, str(menu["id"])) for kind in SERVICES],
        "menus": [menu],
        "categories": categories,
        "itemOffers": offers,
        "items": [*sold, *extras],
        "optionGroups": groups,
        "availabilities": [availability],
    }


def new_id(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def instant(now: datetime) -> str:
    """An aware instant in UTC, as the specification writes it."""
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def dish_names(rng: Random, items: int) -> Iterator[str]:
    """As many names, each once."""
    words = [f"{first} {second}" for first, second in product(FIRST, SECOND)]
    rng.shuffle(words)
    for at in range(items):
        series = at // len(words)
        yield words[at % len(words)] + (f" {series + 1}" if series else "")


def item(rng: Random, name: str) -> dict[str, Any]:
    declared, suits = rng.choice(ALLERGENS), rng.choice(DIETS)
    info = {"description": name, "calories": f"{rng.randrange(90, 900)} Cal"}
    return {
        "id": new_id(rng),
        "name": name,
        "description": f"{name}, feito na hora.",
        "externalCode": str(rng.randrange(10_000)),
        "unit": "UN",
        "image": {"URL": f"https://images.example/{rng.randrange(10_000)}.png"},
        "nutritionalInfo": {**info, "allergen": list(declared), "suitableDiet": list(suits)},
    }


def money(rng: Random, least: int, most: int) -> dict[str, Any]:
    """A price between ``least`` and ``most`` reais, at times a lowered one."""
    value = rng.randrange(least * 2, most * 2) / 2
    before = value + 5 if rng.random() < 0.2 else value  # noqa: PLR2004 - one of five
    return {"value": value, "originalValue": before, "currency": CURRENCY}


def item_offer(
    rng: Random, index: int, sold: dict[str, Any], groups: list[dict[str, Any]], availability: str
) -> dict[str, Any]:
    offer = {"id": new_id(rng), "itemId": sold["id"], "index": index, "price": money(rng, 12, 60)}
    if index % 3 == 0:
        offer["optionGroupsId"] = [groups[index % len(groups)]["id"]]
    if index % 5 == 0:
        offer["availabilityId"] = [availability]
    return offer


def option_group(rng: Random, index: int, extras: list[dict[str, Any]]) -> dict[str, Any]:
    chosen = rng.sample(extras, 3)
    options = [
        {"id": new_id(rng), "itemId": one["id"], "index": at, "price": money(rng, 1, 8), "maxPermitted": 1}
        for at, one in enumerate(chosen)
    ]
    return {
        "id": new_id(rng),
        "index": index,
        "name": "Adicionais",
        "externalCode": str(index),
        "status": "AVAILABLE",
        "minPermitted": 0,
        "maxPermitted": 2,
        "priceMethod": "SUM",
        "options": options,
    }


def category(rng: Random, index: int, offers: list[dict[str, Any]]) -> dict[str, Any]:
    name, series = CATEGORIES[index % len(CATEGORIES)], index // len(CATEGORIES)
    return {
        "id": new_id(rng),
        "index": index,
        "name": name + (f" {series + 1}" if series else ""),
        "externalCode": str(index),
        "status": "AVAILABLE",
        "itemOfferId": [offer["id"] for offer in offers],
    }


def weekly(rng: Random, start: str, end: str) -> dict[str, Any]:
    """An ``Availability`` on every day of the week."""
    period = {"startTime": start, "endTime": end}
    return {"id": new_id(rng), "hours": [{"dayOfWeek": list(DAYS), "timePeriods": period}]}


def service(rng: Random, kind: str, menu: str) -> dict[str, Any]:
    hours = weekly(rng, "14:00:00.000Z", "02:00:00.000Z")
    found = {
        "id": new_id(rng),
        "status": "AVAILABLE",
        "serviceType": kind,
        "menuId": menu,
        "serviceHours": {"id": hours["id"], "weekHours": hours["hours"], "holidayHours": []},
    }
    if kind == "DELIVERY":
        midpoint = {"geoMidpointLatitude": -23.55, "geoMidpointLongitude": -46.63}
        found["serviceArea"] = {"id": new_id(rng), "geoRadius": {**midpoint, "radius": [{"size": 5_000}]}}
    return found


def basic_info(rng: Random, document: str) -> dict[str, Any]:
    name = f"{rng.choice(KITCHENS)} {rng.choice(NAMES)}"
    return {
        "name": name,
        "document": document,
        "corporateName": f"{name} Ltda.",
        "description": f"{name}: comida de verdade.",
        "averagePreparationTime": rng.randrange(15, 45),
        "minOrderValue": {"value": 20, "currency": CURRENCY},
        "merchantType": "RESTAURANT",
        "merchantCategories": ["BRAZILIAN"],
        "address": {
            "country": "BR",
            "state": "BR-SP",
            "city": "São Paulo",
            "district": rng.choice(DISTRICTS),
            "street": "Rua das Palmeiras",
            "number": str(rng.randrange(1, 2_000)),
            "postalCode": f"{rng.randrange(10_000, 20_000)}-000",
            "complement": "Loja 1",
            "latitude": round(-23.5 - rng.random() / 10, 6),
            "longitude": round(-46.6 - rng.random() / 10, 6),
        },
        "contactEmails": ["contato@merchant.example"],
        "contactPhones": {"commercialNumber": "11999999999"},
        "logoImage": {"URL": f"https://images.example/{document}.png"},
    }
