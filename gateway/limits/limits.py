"""The numbers that bound a document before anything of it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from persisted_queries.budgets import Budget


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """How much one document may hold.

    text_bytes: of its UTF-8. tokens: as the lexer counts; comments: tokens that the parser skips, bounded by the same
    number. depth: of nested fields. root_fields, selections (fields, spreads, inline fragments), aliases, directives:
    of one operation, with every fragment spread in place. list_length: of the longest list among arguments and
    variables. variables: of one operation. fragments: definitions. comparisons: units of work that validation may
    spend on fields of one response name. errors: after so many validation stops.
    """

    text_bytes: int = 50_000
    tokens: int = 2_000
    depth: int = 16
    root_fields: int = 50
    selections: int = 2_000
    aliases: int = 200
    directives: int = 100
    list_length: int = 1_000
    variables: int = 100
    fragments: int = 100
    comparisons: int = 20_000
    errors: int = 20

    def with_budget(self, budget: Budget | None) -> DocumentLimits:
        """The same, but for what a document's own budget sets."""
        if budget is None:
            return self
        return replace(self, **{name: value for name, value in budget.given.items() if name in NAMES})


NAMES = frozenset(field.name for field in fields(DocumentLimits))
