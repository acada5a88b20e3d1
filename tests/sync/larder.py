"""What the store holds, read by SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from sync.heads import CONFIRMED_HEAD


@dataclass(frozen=True)
class Larder:
    """The store at ``url``. Everything reads what is committed."""

    url: str

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement, parameters or None).fetchall()

    def execute(self, statement: str, *parameters: Any) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement, parameters or None)

    def value(self, statement: str, *parameters: Any) -> Any:
        [(value,)] = self.rows(statement, *parameters)
        return value

    def items(self) -> list[str]:
        """Names of the live items."""
        return [name for (name,) in self.rows("SELECT name FROM larder_item WHERE deleted_at IS NULL ORDER BY name")]

    def prices(self, name: str) -> dict[str, tuple[Any, ...]]:
        """(amount, per-unit amount, unit) by audience of the live offers of an item."""
        return {
            audience: (amount, per_unit_amount, per_unit)
            for audience, amount, per_unit_amount, per_unit in self.rows(
                """SELECT o.audience, o.amount, o.per_unit_amount, o.per_unit FROM larder_offer o
                JOIN larder_item i ON i.id = o.item_id WHERE i.name = %s AND o.deleted_at IS NULL ORDER BY 1""",
                name,
            )
        }

    def heads(self) -> dict[str, int]:
        """Every head but that of the times of confirmations, which each run moves."""
        every = self.every_head()
        every.pop(CONFIRMED_HEAD, None)
        return every

    def every_head(self) -> dict[str, int]:
        return dict(self.rows("SELECT name, sum(value)::bigint FROM larder_head GROUP BY name"))

    def confirmed_at(self, concern: str, scope: str) -> Any:
        found = self.rows(
            "SELECT confirmed_at FROM larder_confirmation WHERE concern = %s AND scope = %s", concern, scope
        )
        return found[0][0] if found else None

    def problems(self) -> list[tuple[str, str | None, str, str]]:
        """(kind, key, rule, value) of the last run."""
        return self.rows(
            """SELECT kind, key, rule, value FROM larder_sync_problem
            WHERE run_id = (SELECT max(id) FROM larder_sync_run) ORDER BY id"""
        )

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row that readers see, with its physical place: what a run that writes nothing leaves equal."""
        tables = ("location", "menu", "section", "item", "placement", "offer", "price_change", "availability", "source")
        return {name: self.rows(f"SELECT ctid::text, t.*::text FROM larder_{name} t ORDER BY 1") for name in tables}
