"""The SQL by which staged rows of one target become rows of its table. Composed once per target and run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sync.tables import HistoryTable, Reference, TargetTable

GOOD = "s.run_id = %(run)s AND s.kind = %(kind)s AND s.problem IS NULL AND s.row IS NOT NULL"
UNSTAGED = """NOT EXISTS (
    SELECT FROM larder_sync_staged s WHERE s.run_id = %(run)s AND s.kind = %(kind)s AND s.key = t.external_id
)"""


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements over one table; all take the parameters source, run, kind, concern, at, scopes, keyless, first, last.

    Those that change rows for good answer one row of counts: inserted, changed in all, recorded in the history.
    """

    table: TargetTable
    fields: Collection[str]
    """The fields that the run's rows set."""

    @property
    def absent(self) -> str:
        """Delete what a scope did not name."""
        return self.counted(
            f"""UPDATE {self.table.table} t SET deleted_at = %(at)s, held_confirmed_at = NULL
            WHERE t.source = %(source)s AND t.scope = ANY(%(scopes)s) AND t.deleted_at IS NULL AND {UNSTAGED}
            RETURNING t.*, false AS inserted"""
        )

    @property
    def tombstones(self) -> str:
        """Delete what the supplier said is gone."""
        return self.counted(
            f"""UPDATE {self.table.table} t SET deleted_at = %(at)s, held_confirmed_at = NULL
            FROM larder_sync_staged s
            WHERE s.run_id = %(run)s AND s.kind = %(kind)s AND s.problem IS NULL AND s.row IS NULL
                AND t.source = %(source)s AND t.external_id = s.key AND t.deleted_at IS NULL
            RETURNING t.*, false AS inserted"""
        )

    @property
    def upsert(self) -> str:
        """Write the rows staged under ids from ``first`` to ``last`` that differ from what is stored.

        OFFSET 0 keeps the planner from taking apart the rows that do not.
        """
        table, references = self.table, self.table.references
        own = [column for field, column in table.columns.items() if field in self.fields]
        columns = [*own, *(reference.column for reference in references)]
        kept = ["node_id", "scope", "version", "content_hash"]
        values = [f"s.{name}" for name in kept]
        says = [*(f"said.{column}" for column in own), *(f"{alias}.id" for alias in aliases(references))]
        written = [*kept, "deleted_at", "confirmation_id", "held_confirmed_at", *columns]
        return self.counted(
            f"""INSERT INTO {table.table} AS t (source, external_id, {", ".join(written)})
            SELECT %(source)s, s.key, {", ".join([*values, "NULL", "s.confirmation_id", "NULL", *says])}
            FROM (
                SELECT s.*, c.id AS confirmation_id FROM larder_sync_staged s
                JOIN larder_confirmation c ON c.source = %(source)s AND c.concern = %(concern)s AND c.scope = s.confirms
                LEFT JOIN {table.table} old ON old.source = %(source)s AND old.external_id = s.key
                WHERE {GOOD} AND s.id BETWEEN %(first)s AND %(last)s AND (
                    old.id IS NULL OR old.deleted_at IS NOT NULL OR old.content_hash <> s.content_hash
                    OR old.scope <> s.scope OR old.confirmation_id IS DISTINCT FROM c.id
                )
                OFFSET 0
            ) s
            CROSS JOIN LATERAL jsonb_populate_record(NULL::{table.table}, s.row - {table.reference_fields}) said
            {" ".join(map(joined, aliases(references), references))}
            ORDER BY s.id
            ON CONFLICT (source, external_id) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in written)}
            RETURNING t.*, (xmax = 0) AS inserted"""
        )

    def relink(self, reference: Reference) -> str:
        """Point rows at rows of their own table, which may have come with the same statement."""
        column, table = reference.column, self.table.table
        return f"""UPDATE {table} t SET {column} = referenced.id
            FROM larder_sync_staged s, {table} referenced
            WHERE {GOOD} AND t.source = %(source)s AND t.external_id = s.key
                AND referenced.source = %(source)s AND referenced.external_id = s.row->>'{reference.field}'
                AND t.{column} IS DISTINCT FROM referenced.id"""

    def unresolved(self, reference: Reference) -> str:
        """Refuse the rows whose reference leads nowhere."""
        own = f"""AND NOT EXISTS (
            SELECT FROM larder_sync_staged p
            WHERE p.run_id = s.run_id AND p.kind = s.kind AND p.key = s.row->>'{reference.field}'
                AND p.problem IS NULL AND p.row IS NOT NULL
        )"""
        return f"""UPDATE larder_sync_staged s SET problem = %(rule)s, offender = s.row->>'{reference.field}'
            WHERE {GOOD} AND s.row->>'{reference.field}' IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM {reference.table} r
                WHERE r.source = %(source)s AND r.external_id = s.row->>'{reference.field}' AND r.deleted_at IS NULL
            ) {own if reference.kind == self.table.kind else ""}
            RETURNING s.scope, s.key, s.row->>'{reference.field}'"""

    @property
    def hold(self) -> str:
        """Mark rows that keep the confirmation which they had.

        Their newer version is refused, or a scope passed over them that holds entries which nobody can name.
        """
        return f"""UPDATE {self.table.table} t SET held_confirmed_at = COALESCE(c.confirmed_at, to_timestamp(0))
            FROM larder_confirmation c
            WHERE c.id = t.confirmation_id AND t.source = %(source)s AND t.deleted_at IS NULL
                AND t.held_confirmed_at IS NULL AND (
                    t.external_id IN (
                        SELECT s.key FROM larder_sync_staged s
                        WHERE s.run_id = %(run)s AND s.kind = %(kind)s AND s.problem IS NOT NULL
                    )
                    OR (t.scope = ANY(%(keyless)s) AND {UNSTAGED})
                )"""

    @property
    def release(self) -> str:
        """Unmark rows that the supplier now says in a way that is believed."""
        return f"""UPDATE {self.table.table} t SET held_confirmed_at = NULL FROM larder_sync_staged s
            WHERE {GOOD} AND t.source = %(source)s AND t.external_id = s.key AND t.held_confirmed_at IS NOT NULL"""

    def counted(self, change: str) -> str:
        """``change``, its rows kept in the history, and how many there were."""
        recorded = f", recorded AS ({recording(self.table.history)})" if self.table.history else ""
        count = "(SELECT count(*) FROM recorded)" if self.table.history else "0"
        return f"""WITH changed AS ({change}){recorded}
            SELECT count(*) FILTER (WHERE inserted), count(*), {count} FROM changed"""


def recording(history: HistoryTable) -> str:
    """Insert the changed rows into their history, unless its latest entry says the same.

    The sum keeps the planner from looking for the latest entry in the order of all entries.
    """
    own = ", ".join(history.columns)
    now = ", ".join([*(f"changed.{column}" for column in history.columns), "changed.deleted_at IS NOT NULL"])
    before = ", ".join([*(f"latest.{column}" for column in history.columns), "latest.deleted"])
    return f"""INSERT INTO {history.table} ({history.row_column}, run_id, recorded_at, {own}, deleted)
        SELECT changed.id, %(run)s, %(at)s, {now} FROM changed
        LEFT JOIN LATERAL (
            SELECT * FROM {history.table} h WHERE h.{history.row_column} = changed.id ORDER BY h.id + 0 DESC LIMIT 1
        ) latest ON true
        WHERE latest.id IS NULL OR ({before}) IS DISTINCT FROM ({now})
        RETURNING 1"""


def aliases(references: Iterable[Reference]) -> list[str]:
    return [f"r_{reference.field}" for reference in references]


def joined(alias: str, reference: Reference) -> str:
    return (
        f"LEFT JOIN {reference.table} {alias} ON {alias}.source = %(source)s"
        f" AND {alias}.external_id = s.row->>'{reference.field}' AND {alias}.deleted_at IS NULL"
    )
