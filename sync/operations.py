"""Migration operations of the synced store."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

CREATE_FUNCTION = """
CREATE OR REPLACE FUNCTION larder_track_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('larder.publishing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'TRUNCATE' THEN
        IF NOT EXISTS (SELECT FROM changed_rows) THEN
            RETURN NULL;
        END IF;
    END IF;
    DELETE FROM larder_sync_told WHERE TG_TABLE_NAME = ANY(tables);
    INSERT INTO larder_head (name, shard, value) VALUES (TG_ARGV[0], pg_backend_pid() % 32, 1)
    ON CONFLICT (name, shard) DO UPDATE SET value = larder_head.value + 1;
    RETURN NULL;
END
$$
"""
DROP_FUNCTION = "DROP FUNCTION larder_track_head()"

EVENTS = {
    "insert": "REFERENCING NEW TABLE AS changed_rows",
    "update": "REFERENCING NEW TABLE AS changed_rows",
    "delete": "REFERENCING OLD TABLE AS changed_rows",
    "truncate": "",
}


def track(schema_editor: BaseDatabaseSchemaEditor, tables: Iterable[str]) -> None:
    """Let every one of ``tables`` bump the head of its name; may be repeated. For tables that no migration makes.

    Such as those of an app without migrations, from a receiver of Django's ``post_migrate``.
    """
    for table in tables:
        add_triggers(schema_editor, table, table)


def add_triggers(schema_editor: BaseDatabaseSchemaEditor, table: str, head: str) -> None:
    """Let every statement that changes rows of ``table`` bump ``head``."""
    quote = schema_editor.quote_name
    for event, rows in EVENTS.items():
        schema_editor.execute(
            f"CREATE OR REPLACE TRIGGER {quote(trigger(event))} AFTER {event.upper()} ON {quote(table)} {rows}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION larder_track_head({schema_editor.quote_value(head)})"
        )


def trigger(event: str) -> str:
    """Name of the trigger for ``event``."""
    return f"larder_head_{event}"


class TrackHead(Operation):
    """Bump the head ``head`` (default: the table's name) in every transaction that changes rows of ``table``.

    By statement-level triggers, so the ORM, bulk writes, raw SQL and TRUNCATE all count. A publish bumps its heads
    itself, once and last: the triggers stay silent while its transaction says ``SET LOCAL larder.publishing = on``.
    """

    reversible = True

    def __init__(self, table: str, head: str | None = None) -> None:
        self.table = table
        self.head = head

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models do not change."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002 - Django's signature
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's signature
        to_state: ProjectState,  # noqa: ARG002 - Django's signature
    ) -> None:
        add_triggers(schema_editor, self.table, self.head_name)

    def database_backwards(
        self,
        app_label: str,  # noqa: ARG002 - Django's signature
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's signature
        to_state: ProjectState,  # noqa: ARG002 - Django's signature
    ) -> None:
        quote = schema_editor.quote_name
        for event in EVENTS:
            schema_editor.execute(f"DROP TRIGGER {quote(trigger(event))} ON {quote(self.table)}")

    def describe(self) -> str:
        return f"Track the head {self.head_name} of {self.table}"

    @property
    def head_name(self) -> str:
        """Name of the head."""
        return self.head or self.table
