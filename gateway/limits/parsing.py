"""Parsing that stops early: the size of the text, its tokens and how deep they nest."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, parse

from gateway.endpoint.errors import RequestError
from gateway.limits.limits import DocumentLimits


def parse_within(text: str, limits: DocumentLimits) -> DocumentNode:
    """The document of a text. Linear in the tokens that are allowed, whatever else the text holds.

    Raises ``RequestError`` (400) for more than a limit allows, ``GraphQLError`` for what is no GraphQL.
    """
    check_size(text, limits.text_bytes)
    try:
        return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLSyntaxError as error:
        refusal = refusal_of(error, limits)
    except RecursionError:
        refusal = too_nested()
    raise refusal


def check_size(text: str, limit: int) -> None:
    """Raise ``RequestError`` for a text that is longer in UTF-8."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise RequestError(400, "DOCUMENT_TOO_LARGE", f"the document has {size:,} bytes; {limit:,} bytes are allowed")


def refusal_of(error: GraphQLSyntaxError, limits: DocumentLimits) -> RequestError | GraphQLError:
    """What a syntax error is: the parser reports its own limits as one, and says which by its words alone."""
    if error.message.endswith(" tokens. Parsing aborted."):
        return too_many(limits.tokens, "tokens")
    if error.message.endswith(" comments. Parsing aborted."):
        return too_many(limits.tokens, "comments")
    if "nested too deeply" in error.message:
        return too_nested()
    return error


def too_many(limit: int, what: str) -> RequestError:
    """The refusal of a text with too many of something; how many more is not read."""
    return RequestError(
        400, "TOO_MANY_TOKENS", f"the document has more than {limit:,} {what}; {limit:,} {what} are allowed"
    )


def too_nested() -> RequestError:
    """The refusal of a text whose braces or brackets nest deeper than the parser follows."""
    return RequestError(400, "DOCUMENT_TOO_DEEP", "the document nests deeper than any that is allowed")
