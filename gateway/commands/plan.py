"""``larder plan``: how operations are executed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.errors import GatewayError

app = typer.Typer(help="How operations are executed.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def explain(
    document: Annotated[
        str, typer.Argument(help="File with a GraphQL document, - for standard input, or a registered document's id.")
    ],
    variables: Annotated[str, typer.Option(help="Variables, as a JSON object.")] = "{}",
    operation: Annotated[str | None, typer.Option(help="Which operation, where the document has several.")] = None,
    analyze: Annotated[bool, typer.Option(help="Add EXPLAIN (ANALYZE, BUFFERS) of every statement.")] = False,
    sql: Annotated[bool, typer.Option(help="Show the SQL.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as `extensions.plan` has it.")] = False,
) -> None:
    """Print the plan of an operation. Its fetches, their SQL, rows and time, or why there is no plan."""
    from gateway.stores import open_store

    try:
        given = json.loads(variables)
    except ValueError as error:
        raise GatewayError(f"--variables must be a JSON object: {error}") from error
    if not isinstance(given, dict):
        raise GatewayError(f"--variables must be a JSON object, not {variables[:80]}")
    given_text = text_at(document)
    with open_store():
        from plans.explain import as_text

        text = asyncio.run(registered(document)) if given_text is None else given_text
        found = asyncio.run(explained(text, given, operation, analyze=analyze))
    typer.echo(json.dumps(found.payload(), indent=2) if as_json else as_text(found, sql=sql))


def text_at(place: str) -> str | None:
    """What a file or standard input holds; None for what is no file."""
    try:
        if place == "-":
            return typer.get_text_stream("stdin").read()
        return Path(place).read_text(encoding="utf-8") if Path(place).is_file() else None
    except UnicodeDecodeError as error:
        raise GatewayError(f"{place} is not UTF-8 text") from error


async def registered(document_id: str) -> str:
    """The text of a registered document."""
    from gateway.config import config
    from persisted_queries.store import DocumentStore

    settings = config()
    store = DocumentStore(settings.database_url, pooled=settings.pooled)
    await store.open()
    try:
        found = await store.find(document_id)
    finally:
        await store.close()
    if found.document is None:
        raise GatewayError(f"no such document, neither a file nor a registered id: {document_id}")
    return found.document.text


async def explained(text: str, variables: dict[str, Any], operation: str | None, *, analyze: bool) -> Any:
    """The explanation, over lanes of its own."""
    from django.utils.module_loading import import_string

    from gateway.config import config
    from loaders.lanes import Lanes
    from loaders.pipelines.lanes import PipelineLanes
    from plans.engine import PlanEngine
    from plans.explain import explain as explain_operation

    settings = config()
    schema: Any = import_string(settings.schema_path.replace(":", "."))
    lanes = Lanes(settings.database_url, count=1, pooled=settings.pooled)
    await lanes.open()
    try:
        engine = PlanEngine(schema, PipelineLanes(settings.database_url, count=1, pooled=settings.pooled))
        return await explain_operation(engine, lanes, text, variables, operation, analyze=analyze)
    finally:
        await lanes.close()


@app.callback()
def group() -> None:
    """Keep `explain` a subcommand, though it is the only one."""
