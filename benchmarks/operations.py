"""What is asked: four operations as a frontend would write them, and how their variables are drawn."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.data import Shape, long_slug, storefront_slug
from loaders.cursors import encode_cursor
from loaders.nodes import encode_id
from resolvers.locations import locations_by_name

Variables = dict[str, Any]
Draw = Callable[[random.Random], Variables]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    ids: objects with an id that every answer has at least, as equal answers may be equally empty. at_once: whether it
    is also measured with many requests in flight.
    """

    key: str
    title: str
    text: str
    ids: int
    at_once: bool = True


STOREFRONT = Operation(
    "A",
    "storefront page: 80 items",
    """
    query Storefront($slug: String!) {
      location(slug: $slug) {
        id slug name address timezone currency accepting pausedUntil
        freshness { status confirmedAt source }
        menus {
          id name channel serviceDate
          sections {
            id name
            items {
              id name description media allergens diets labels
              prices { audience money { amount currency } perUnit { money { amount currency } unit } }
              availability { state until freshness { status confirmedAt } }
            }
          }
        }
      }
    }
    """,
    ids=1 + 1 + 4 + 80,
)
LISTING = Operation(
    "B",
    "listing: 50 locations",
    """
    query Listing($first: Int!, $after: String) {
      locations(first: $first, after: $after) {
        edges {
          node {
            id slug name address accepting pausedUntil
            freshness { status }
            menus { id name channel serviceDate sections { id name position } }
          }
        }
        pageInfo { hasNextPage }
      }
    }
    """,
    ids=50 * (1 + 1 + 1),
)
PRICE_CHECK = Operation(
    "C",
    "price check: 20 items by id",
    """
    query PriceCheck($ids: [ID!]!) {
      items(ids: $ids) {
        id name
        prices {
          id audience taxMode validUntil
          money { amount currency }
          original { amount currency }
          perUnit { money { amount currency } unit }
          freshness { status confirmedAt }
        }
      }
    }
    """,
    ids=20 * (1 + 2),
)
LONG_LIST = Operation(
    "D",
    "long list: 5,000 items",
    """
    query LongList($slug: String!) {
      location(slug: $slug) {
        id name
        menus { id name sections { id name items { id name description media allergens labels } } }
      }
    }
    """,
    ids=1 + 1 + 1 + 50,
    at_once=False,
)
OPERATIONS = {operation.key: operation for operation in (STOREFRONT, LISTING, PRICE_CHECK, LONG_LIST)}

PAGE = 50
CHECKED = 20


def draws(database_url: str, shape: Shape) -> dict[str, Draw]:
    """How to draw variables for each operation, by its key, from what the store holds."""
    with psycopg.connect(database_url) as connection:
        places = connection.execute("SELECT name, id FROM larder_location ORDER BY name, id").fetchall()
        items = [node_id for (node_id,) in connection.execute("SELECT node_id FROM larder_item ORDER BY id")]
    mark = locations_by_name.fingerprint({})
    return {
        "A": lambda luck: {"slug": storefront_slug(luck.randint(1, shape.locations))},
        "B": lambda luck: {
            "first": PAGE,
            "after": encode_cursor(mark, luck.choice(places[: max(1, len(places) - PAGE)])),
        },
        "C": lambda luck: {"ids": [encode_id("Item", node_id) for node_id in luck.sample(items, CHECKED)]},
        "D": lambda _: {"slug": long_slug(max(shape.long))},
    }
