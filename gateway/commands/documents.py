"""``larder documents``: the registry of persisted queries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.errors import ConfigError, GatewayError

if TYPE_CHECKING:
    from gateway.documents_client import DocumentsClient
    from gateway.registries import Connection
    from persisted_queries.deployments import PushReport
    from persisted_queries.manifests.manifest import Manifest

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as is done wherever the output is no terminal.")]
Client = Annotated[str, typer.Option(help="The app whose documents they are.")]
MaybeClient = Annotated[str | None, typer.Option(help="Only this client.")]
Url = Annotated[
    str | None, typer.Option(help="Do it over HTTP, at the gateway of this address, with its LARDER_PUSH_TOKEN.")
]
Version = Annotated[str, typer.Option(help="The version of the app.")]

app = typer.Typer(help="The registry of persisted queries.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def push(
    manifest: Annotated[
        Path, typer.Argument(help="File of Apollo, Relay or graphql-codegen, or a folder of .graphql.")
    ],
    version: Version,
    client: Annotated[str | None, typer.Option(help="The app; default the manifest's clientName.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, store nothing.")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Store a manifest as a pending deployment. All of its documents, or none."""
    with_documents = read(manifest)
    name = client or only_client(with_documents)

    async def work(connection: Connection) -> PushReport:
        from gateway.schemas import served_schema
        from persisted_queries.deployments import push

        return await push(connection, with_documents, name, version, served_schema(), dry_run=dry_run)

    report = at(url).push(with_documents, name, version, dry_run=dry_run) if url else run(work)
    done = "would be" if dry_run else "had been" if report.unchanged else "was"
    tell(
        f"{name} {version} {done} pushed: {report.documents} documents, {report.added} of them new; {report.state}",
        {
            "client": name,
            "version": version,
            "state": report.state,
            "documents": report.documents,
            "added": report.added,
            "unchanged": report.unchanged,
            "dryRun": dry_run,
        },
        as_json=as_json,
    )


@app.command()
def publish(
    client: Client,
    version: Version,
    replace: Annotated[bool, typer.Option("--replace", help="Retire the client's other active versions.")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Make a deployment active: its documents run. They have to be valid in the schema that is served."""

    async def work(connection: Connection) -> int:
        from gateway.schemas import served_schema
        from persisted_queries.deployments import publish

        return await publish(connection, client, version, replace=replace, schema=served_schema())

    generation = at(url).publish(client, version, replace=replace) if url else run(work)
    changed(client, version, "active", generation, as_json=as_json)


@app.command()
def retire(client: Client, version: Version, url: Url = None, as_json: AsJson = False) -> None:
    """Retire a deployment. Its documents no longer run, unless another active one holds them."""

    async def work(connection: Connection) -> int:
        from persisted_queries.deployments import retire

        return await retire(connection, client, version)

    generation = at(url).retire(client, version) if url else run(work)
    changed(client, version, "retired", generation, as_json=as_json)


@app.command("list")
def list_deployments(
    client: MaybeClient = None,
    state: Annotated[str | None, typer.Option(help="Only pending, active or retired ones.")] = None,
    as_json: AsJson = False,
) -> None:
    """List deployments, newest first."""
    from gateway.reports.tables import print_records, wants_json
    from persisted_queries.inventory import deployments

    if state not in {None, "pending", "active", "retired"}:
        raise typer.BadParameter(f"pending, active or retired (got {state!r})", param_hint="--state")
    columns = {
        "client": "client",
        "version": "version",
        "state": "state",
        "since": "since",
        "documents": "documents",
        "pushed as": "manifest",
    }
    found = run(lambda connection: deployments(connection, client=client, state=state))
    print_records(found, columns, as_json=wants_json(as_json))


@app.command()
def show(
    document_id: Annotated[str, typer.Argument(metavar="ID", help="Any id of the document.")], as_json: AsJson = False
) -> None:
    """Show a document. Its text, ids and budget, the deployments that hold it, how often it was asked for."""
    from gateway.reports.budgets import in_words
    from gateway.reports.tables import cell, print_json, print_records, wants_json
    from persisted_queries.inventory import document

    shown = run(lambda connection: document(connection, document_id))
    if wants_json(as_json):
        print_json(shown)
        return
    typer.echo(
        f"{shown.bytes} bytes, first pushed {cell(shown.created_at)}, asked for {shown.asked} times, last on "
        f"{cell(shown.last_day) or 'no day'}"
    )
    for name in shown.ids:
        typer.echo(f"id {name}")
    typer.echo(in_words(shown.budget))
    columns = ("client", "version", "state", "operation_name", "document_id")
    print_records(shown.holders, {column.replace("_", " "): column for column in columns}, as_json=False)
    typer.echo(shown.text)


@app.command()
def check(
    schema: Annotated[Path, typer.Option(help="File with the schema that shall replace the served one.")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 for dangerous changes, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List registered operations that another schema breaks. Those that it endangers too, one line each.

    Exit code 1 if any breaks.
    """
    from gateway.reports.schemas import operation_lines, operations_json
    from gateway.reports.tables import print_json
    from gateway.schemas import schema_in

    candidate = schema_in(schema)

    async def work(connection: Connection) -> Any:
        from gateway.schemas import served_schema
        from persisted_queries.checking import check

        return await check(connection, served_schema(), candidate)

    report = run(work)
    if as_json:
        print_json(operations_json(report))
    else:
        for line in operation_lines(report):
            typer.echo(line)
    raise typer.Exit(bool(report.told if strict else report.broken))


@app.command()
def export(
    client: Client,
    version: Version,
    folder: Annotated[Path | None, typer.Option(help="Write .graphql files into this folder instead.")] = None,
) -> None:
    """Print a deployment as a manifest. It is JSON from id to document, which `push` takes again."""
    from gateway.reports.tables import print_json
    from persisted_queries.documents import sha256_of
    from persisted_queries.inventory import entries

    found = run(lambda connection: entries(connection, client, version))
    if folder is None:
        print_json({entry.document_id: entry.text for entry in found})
        return
    folder.mkdir(parents=True, exist_ok=True)
    for entry in found:
        named = f"{entry.name}." if entry.name and entry.name.isidentifier() else ""
        (folder / f"{named}{sha256_of(entry.text)[:16]}.graphql").write_bytes(entry.text.encode())
    typer.echo(f"{len(found)} documents in {folder}")


def read(path: Path) -> Manifest:
    """The manifest at a path; its problems are told before a store is opened."""
    from gateway.registries import told
    from persisted_queries.manifests import read_manifest
    from persisted_queries.problems import ManifestRefused

    try:
        return read_manifest(path)
    except ManifestRefused as error:
        raise told(error) from error


def only_client(manifest: Manifest) -> str:
    """The client that all entries name. Raises ``GatewayError``."""
    names = {entry.client for entry in manifest.entries}
    name = names.pop() if len(names) == 1 else None
    if not name:
        raise GatewayError("--client is needed: the manifest does not name one client")
    return name


def run(work: Callable[[Connection], Awaitable[T]]) -> T:
    """What ``work`` returns, with the store open and a connection to it."""
    from gateway.stores import open_store

    with open_store() as settings:
        from gateway.registries import connected

        return asyncio.run(connected(settings, work))


def at(url: str) -> DocumentsClient:
    """The gateway at an address."""
    from gateway.config import config
    from gateway.documents_client import DocumentsClient

    token = config().push_token
    if token is None:
        raise ConfigError("LARDER_PUSH_TOKEN", "is needed with --url")
    return DocumentsClient(url, token)


def changed(client: str, version: str, state: str, generation: int, *, as_json: bool) -> None:
    record = {"client": client, "version": version, "state": state, "generation": generation}
    tell(f"{client} {version} is {state}; the registry is at generation {generation}", record, as_json=as_json)


def tell(line: str, record: dict[str, Any], *, as_json: bool) -> None:
    """One line on a terminal, the record elsewhere."""
    from gateway.reports.tables import print_json, wants_json

    if wants_json(as_json):
        print_json(record)
    else:
        typer.echo(line)
