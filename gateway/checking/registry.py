"""The rules: what is looked for in a project, one module of ``gateway.checking.rules`` each.

The first letter of a code's number is its level, E or W. Its hundreds are its subject: 1 plans, 2 the store, 3 the
schema, 4 suppliers, 5 settings. docs/checking.md describes each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, cast

from gateway.checking.findings import Finding, Found, Level

if TYPE_CHECKING:
    from gateway.checking.project import Project

NAMES = 3
"""Of what one line stands for, such as the types that inherit a field, so many are named."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked for. module: has ``find(project)``, which yields what it finds. needs_store: looks into it."""

    code: str
    module: str
    what: str
    needs_store: bool = False

    @property
    def level(self) -> Level:
        """As the code says."""
        return Level.ERROR if self.code.rpartition(".")[2].startswith("E") else Level.WARNING

    def findings(self, project: Project) -> list[Finding]:
        """What the rule finds; what is said of one line in the same words is said once, with all the names."""
        find = cast("Callable[[Project], Iterable[Found]]", import_module(f"gateway.checking.rules.{self.module}").find)
        return [
            Finding(self.code, self.level, one.place.file, one.place.line, one.name, one.message, one.advice)
            for one in joined(find(project))
        ]


RULES = (
    Rule("larder.W001", "untracked_tables", "a table that is read and whose changes move no head", needs_store=True),
    Rule("larder.W101", "unplanned_fields", "a field that no plan covers"),
    Rule("larder.W102", "foreign_extensions", "a schema extension that keeps every operation from plans"),
    Rule("larder.W103", "unkept_fields", "a field with which no answer is kept"),
    Rule("larder.E104", "broken_fetches", "a fetch whose SQL cannot be built"),
    Rule("larder.E201", "unindexed_keys", "a fetch by a column that leads no index"),
    Rule("larder.W202", "unindexed_orders", "a list in an order that no index has"),
    Rule("larder.W203", "loose_orders", "an order without a tie-breaker"),
    Rule("larder.W301", "unbounded_lists", "a list without a page size"),
    Rule("larder.W302", "undescribed_types", "a type without a description"),
    Rule("larder.W303", "undescribed_fields", "a field without a description"),
    Rule("larder.E401", "unusable_suppliers", "sources or targets that cannot be used"),
    Rule("larder.E402", "clear_secrets", "a secret in the file of sources"),
    Rule("larder.W403", "private_addresses", "a source that may live at a private address"),
    Rule("larder.E404", "secretless_webhooks", "a webhook without a secret"),
    Rule("larder.W405", "clear_credentials", "credentials that are sent without encryption"),
    Rule("larder.E406", "missing_natural_keys", "a target whose model lacks the index of its natural key"),
    Rule("larder.W407", "unindexed_scopes", "a target whose model lacks the index of its unit of absence"),
    Rule("larder.E501", "debug_for_others", "LARDER_DEBUG where others reach the gateway"),
    Rule("larder.W502", "introspection_for_others", "introspection for everybody where others reach the gateway"),
    Rule("larder.W503", "insides_for_others", "how requests are executed, told to everybody"),
    Rule("larder.E504", "forgeable_tokens", "keys of tokens that are read without encryption"),
    Rule("larder.W505", "any_host", "an admin that answers under every name"),
)


def joined(found: Iterable[Found]) -> Iterator[Found]:
    """The same, but one for all that differs in its name alone."""
    names: dict[Found, list[str]] = {}
    for one in found:
        names.setdefault(replace(one, name=""), []).append(one.name)
    for one, all_names in names.items():
        different = list(dict.fromkeys(all_names))
        more = f" and {len(different) - NAMES} more" if len(different) > NAMES else ""
        yield replace(one, name=", ".join(different[:NAMES]) + more)
