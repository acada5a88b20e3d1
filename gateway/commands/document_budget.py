"""``larder documents budget``: limits of a document's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.commands.documents import AsJson, run, tell

if TYPE_CHECKING:
    from gateway.registries import Connection


def limit(what: str) -> Any:
    return typer.Option(metavar="N", help=f"At most so many {what}.", show_default=False)


def budget(  # noqa: PLR0913, PLR0917 - an option for each limit
    document_id: Annotated[str, typer.Argument(metavar="ID", help="Any id of the document.")],
    cost: Annotated[int | None, limit("objects estimated, by a plan or by resolvers")] = None,
    response_bytes: Annotated[int | None, limit("bytes in an answer")] = None,
    text_bytes: Annotated[int | None, limit("bytes of text")] = None,
    tokens: Annotated[int | None, limit("tokens")] = None,
    depth: Annotated[int | None, limit("levels of nested fields")] = None,
    root_fields: Annotated[int | None, limit("root fields")] = None,
    selections: Annotated[int | None, limit("selections")] = None,
    aliases: Annotated[int | None, limit("aliases")] = None,
    directives: Annotated[int | None, limit("directives")] = None,
    list_length: Annotated[int | None, limit("elements in one list")] = None,
    variables: Annotated[int | None, limit("variables")] = None,
    fragments: Annotated[int | None, limit("fragment definitions")] = None,
    comparisons: Annotated[int | None, limit("steps of comparing fields while it is validated")] = None,
    errors: Annotated[int | None, limit("errors of validation")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take its budget away: the settings hold again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Set a document's own limits. They replace those of the settings and of the budget it had.

    They hold where it runs as registered.
    """
    from gateway.reports.budgets import in_words
    from persisted_queries.budgeting import set_budget
    from persisted_queries.budgets import NAMES, budget_of
    from persisted_queries.problems import BudgetRefused

    options = locals()
    given = {name: options[name] for name in NAMES if options[name] is not None}
    if clear == bool(given):
        raise typer.BadParameter("either --clear or one limit at least, such as --cost 80000")
    try:
        wanted = None if clear else budget_of(given)
    except BudgetRefused as error:
        raise typer.BadParameter(str(error)) from error

    async def work(connection: Connection) -> int:
        return await set_budget(connection, document_id, wanted)

    generation = run(work)
    tell(
        f"{document_id} has {in_words(given)}; the registry is at generation {generation}",
        {"id": document_id, "budget": given or None, "generation": generation},
        as_json=as_json,
    )
