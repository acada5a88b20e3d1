"""The form under which safelisting compares documents."""

from __future__ import annotations

from graphql import DocumentNode, parse, print_ast

from persisted_queries.documents import sha256_of


def normal_form(text: str, *, max_tokens: int | None = None) -> str:
    """A document's normal form: the same for texts that differ only in printing and in the order of definitions.

    White space, commas, comments, ``query {`` or ``{`` are printing. Order of fields and of arguments, aliases,
    literals, directives, descriptions and names all count. Raises ``GraphQLSyntaxError`` for a text that is no
    document, ``RecursionError`` for one that is nested too deeply.
    """
    return normal_form_of(parse(text, no_location=True, max_tokens=max_tokens, allow_empty_selection_sets=False))


def normal_form_of(document: DocumentNode) -> str:
    """The normal form of a parsed document."""
    return "\n\n".join(sorted(map(print_ast, document.definitions)))


def normal_sha256_of(document: DocumentNode) -> str:
    """Lowercase hex of the SHA-256 of the normal form, as ``larder_document.normal_sha256`` holds it."""
    return sha256_of(normal_form_of(document))
