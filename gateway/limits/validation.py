"""Validation whose work is bounded."""

from __future__ import annotations

import functools
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, specified_rules, validate
from graphql.validation import ASTValidationRule, OverlappingFieldsCanBeMergedRule, ValidationContext
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gateway.endpoint.errors import RequestError
from gateway.limits.limits import DocumentLimits

ABORTED = "Validation aborted."
"""What graphql-core reports of a spent budget, and of nesting that it does not follow."""


def validate_within(schema: GraphQLSchema, document: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """The errors of a document, [] for a valid one: the rules of the specification and of strawberry.

    Raises ``RequestError`` (400) for a document whose fields of one response name are too many to compare, or whose
    fragments nest deeper than graphql-core follows.
    """
    errors = validate(schema, document, rules_within(limits.comparisons), max_errors=limits.errors)
    if errors and errors[-1].message == ABORTED:
        raise RequestError(
            400,
            "DOCUMENT_TOO_COMPLEX",
            "the document is too complex to validate: its fragments nest too deep, or comparing the fields of one"
            f" response name takes more than {limits.comparisons:,} steps; {limits.comparisons:,} are allowed",
        )
    return errors


@functools.cache
def rules_within(comparisons: int) -> tuple[type[ASTValidationRule], ...]:
    """Those rules; the one that compares every two fields of a response name stops after so many steps.

    Field Selection Merging (GraphQL specification, 5.3.2) is the only rule whose work is not linear in the document.
    """

    class BoundedOverlappingFieldsRule(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = comparisons

    bounded: dict[Any, type[ASTValidationRule]] = {OverlappingFieldsCanBeMergedRule: BoundedOverlappingFieldsRule}
    return (
        *(bounded.get(rule, rule) for rule in specified_rules),
        MaybeNullValidationRule,
        OneOfInputValidationRule,
    )
