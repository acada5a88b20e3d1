"""The arguments of one field, drawn so that something answers to them."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLArgument, GraphQLField, GraphQLNonNull, get_named_type, is_required_argument

from tests.equality.choices import Choices
from tests.equality.stored import BAD_SIZES, BAD_TEXTS, PAGING, SIZES, Stored, is_paged, takes_list
from tests.equality.variables import Variables

TEXTS = {"ID", "String"}


class Arguments:
    """Writes argument lists of one operation."""

    def __init__(self, choose: Choices, stored: Stored, variables: Variables) -> None:
        self.choose = choose
        self.stored = stored
        self.variables = variables

    def possible(self, parent: str, name: str, definition: GraphQLField) -> bool:
        """Whether every required argument has values."""
        return all(
            self.stored.knows(parent, name, argument_name, argument)
            for argument_name, argument in definition.args.items()
            if is_required_argument(argument)
        )

    def write(self, parent: str, name: str, definition: GraphQLField) -> str:
        """``(slug: "corner")``, or nothing."""
        chosen, whole = self._paged(parent, name, definition) if is_paged(definition) else ({}, False)
        written = []
        for argument_name, argument in definition.args.items():
            if argument_name in chosen:
                text: str | None = self._text(parent, name, argument_name, argument, chosen[argument_name], just=True)
            elif whole or (argument_name in PAGING and is_paged(definition)):
                text = None
            else:
                text = self._drawn(parent, name, argument_name, argument)
            if text is not None:
                written.append(f"{argument_name}: {text}")
        if len(written) > 1 and self.choose.chance(20):
            written.reverse()
        return f"({', '.join(written)})" if written else ""

    def _drawn(self, parent: str, name: str, argument_name: str, argument: GraphQLArgument) -> str | None:
        choose, purpose = self.choose, f"{parent}.{name}.{argument_name}"
        required = is_required_argument(argument)
        known = self.stored.knows(parent, name, argument_name, argument)
        if not known or (not required and choose.chance(60)):
            return None
        value = self._value(parent, name, argument_name, argument)
        if not isinstance(argument.type, GraphQLNonNull) and choose.chance(12):
            return self.variables.write_null(purpose, argument.type, value)
        return self._text(parent, name, argument_name, argument, value)

    def _value(self, parent: str, name: str, argument_name: str, argument: GraphQLArgument) -> Any:
        options = self.stored.elements(parent, name, argument_name, argument)
        if takes_list(argument.type):
            return [self._one(options, argument) for _ in range(self.choose.weighted([(1, 0), (2, 1), (7, 4)]))]
        return self._one(options, argument)

    def _one(self, options: Any, argument: GraphQLArgument) -> Any:
        if get_named_type(argument.type).name in TEXTS and self.choose.chance(3):
            return self.choose.pick(BAD_TEXTS)
        return self.choose.pick(options)

    def _text(
        self, parent: str, name: str, argument_name: str, argument: GraphQLArgument, value: Any, *, just: bool = False
    ) -> str:
        """``value`` as text; ``just`` this value, not that of another variable of the same argument."""
        purpose = f"{parent}.{name}.{argument_name}" + (f" {value}" if just else "")
        if value is None:
            return "null"
        if get_named_type(argument.type).name not in TEXTS and self.choose.chance(0.2):
            return self.variables.write(purpose, argument.type, "no such value", sound=False)
        return self.variables.write(purpose, argument.type, value)

    def _paged(self, parent: str, name: str, definition: GraphQLField) -> tuple[dict[str, Any], bool]:
        """Values of ``first``, ``after`` and so on; with a cursor, all arguments: those of the list it belongs to."""
        choose = self.choose
        way = choose.weighted([(20, ""), (35, "first"), (15, "last"), (20, "after"), (10, "before")])
        size = choose.pick(BAD_SIZES if choose.chance(1) else SIZES)
        pages = [page for page in self.stored.pages.get(f"{parent}.{name}", ()) if page.cursors]
        if way in {"", "first", "last"} or not pages:
            return ({way: size} if way in {"first", "last"} else {}), False
        page = choose.pick(pages)
        chosen: dict[str, Any] = {**page.arguments, way: choose.pick(page.cursors)}
        if choose.chance(2):
            chosen[way] = choose.pick([*BAD_TEXTS, *choose.pick(pages).cursors])
        if way == "before" or choose.chance(60):
            chosen["last" if way == "before" else "first"] = size
        for argument_name, argument in definition.args.items():
            if argument_name not in chosen and not is_required_argument(argument) and choose.chance(3):
                chosen[argument_name] = None
        return chosen, True
