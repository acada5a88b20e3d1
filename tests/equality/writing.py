"""Writes one valid operation over any schema, choice by choice.

Nothing is filtered afterwards: every selection is noted in a ``Scope``, and one that could not merge gets an alias.
"""

from __future__ import annotations

import re
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
    is_object_type,
)
from graphql.utilities import do_types_overlap

from tests.equality.application import Application
from tests.equality.arguments import Arguments
from tests.equality.choices import Choices
from tests.equality.operation import Operation
from tests.equality.places import Fragment, Place
from tests.equality.scope import Scope, Selected
from tests.equality.stored import Stored, is_paged
from tests.equality.variables import Variables

DEPTH = 7
ROOTS = 8
ENOUGH_LEAVES = 60
ROWS = 200
FIELDS = ((1, 20), (4, 40), (3, 80), (1, 140))
"""How many fields an operation has, roughly, by weight."""
FIELDS_MORE = 20
"""How many another root field may add while the answer would be a small one."""
SURE_ROWS = 6
LIKELY = 0.5
"""Of so many rows at most, this share of leaves is there and not null, a guess."""
ALIASES = ("a", "b", "x1")
SPREAD = re.compile(r"\.\.\.(F\d+)")


class Writer:
    """Writes one operation."""

    def __init__(self, application: Application, stored: Stored, choose: Choices) -> None:
        self.schema = application.schema._schema
        self.rows_per_list = application.rows_per_list
        self.viewers = application.viewers
        self.avoided = frozenset() if choose.chance(5) else application.rare
        self.choose = choose
        self.variables = Variables(choose)
        self.arguments = Arguments(choose, stored, self.variables)
        self.fragments: list[Fragment] = []
        self.leaves = 0.0
        self.fields_left = choose.weighted(FIELDS)
        self._deepest = 0
        self._most_rows = 1.0

    def operation(self) -> Operation:
        """The whole document."""
        query = self.schema.query_type
        assert query is not None
        place = Place(query, 0, 1, Scope())
        roots = [self.selection(place)]
        while self.leaves < ENOUGH_LEAVES and len(roots) < ROOTS:
            self.fields_left = max(self.fields_left, FIELDS_MORE)
            roots.append(self.selection(place))
        text = f"{{ {' '.join(roots)} }}"
        fragments = self.reachable(text)
        header, given = self.variables.header([text, *fragments])
        named = bool(header) or self.choose.chance(50)
        parts = [f"query Q{header} {text}" if named else text, *fragments]
        several = named and self.choose.chance(5)
        if several:
            parts.insert(self.choose.below(2), "query Other { __typename }")
        name = "Q" if several or (named and self.choose.chance(30)) else None
        return Operation("\n".join(parts), given, name, self.choose.pick(self.viewers))

    def reachable(self, text: str) -> list[str]:
        """Texts of the fragments that ``text`` spreads, directly or not."""
        found: dict[str, str] = {}
        texts = {fragment.name: fragment.text for fragment in self.fragments}
        waiting = SPREAD.findall(text)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = texts[name]
                waiting += SPREAD.findall(texts[name])
        return [found[name] for name in sorted(found)]

    def selection_set(self, place: Place) -> str:
        """``{ … }`` with leaves, objects and fragments."""
        self._deepest = max(self._deepest, place.depth)
        self._most_rows = max(self._most_rows, place.rows)
        parts = [self.leaf(place) for _ in range(self.choose.between(1, 4))]
        if not is_object_type(place.type):
            parts += [self.on(place, kind) for kind in self.possible(place.type) if self.choose.chance(65)]
        wanted = self.choose.weighted([(2, 1), (3, 2), (2, 3), (1, 0)])
        parts += [self.selection(place) for _ in range(wanted) if self.may_deepen(place)]
        return f"{{ {' '.join(parts)} }}"

    def selection(self, place: Place) -> str:
        """One more selection of any kind."""
        below = place.depth == 0 or self.may_deepen(place)
        write = self.choose.weighted(
            [
                (75 if below else 0, self.object),
                (5 if place.depth else 0, self.leaf),
                (12, self.inline),
                (10, self.spread),
                (12 if below and place.scope.fields else 0, self.again),
            ]
        )
        return write(place)

    def may_deepen(self, place: Place) -> bool:
        """Whether there is room for objects below."""
        return place.depth < DEPTH and self.fields_left > 0

    def leaf(self, place: Place) -> str:
        """A leaf of the type, or __typename."""
        options = [
            (name, kind) for name, kind in self.options(place) if not is_composite_type(get_named_type(kind.type))
        ]
        if not options or self.choose.chance(6):
            return self.typename(place)
        fresh = [option for option in options if option[0] not in place.scope.fields]
        name, definition = self.choose.pick(fresh if fresh and self.choose.chance(80) else options)
        self.leaves += min(place.rows, SURE_ROWS) * LIKELY * (name not in place.scope.fields)
        text, _ = self.named(place, name, definition)
        return text + self.directives(place)

    def object(self, place: Place) -> str:
        """A field with a selection set, rather one that leads to rows."""
        options = [(name, kind) for name, kind in self.options(place) if is_composite_type(get_named_type(kind.type))]
        options = [option for option in options if place.rows * self.rows_of(option[1]) <= ROWS]
        if not options:
            return self.leaf(place)
        weights = [(3 if self.rows_of(kind) > 1 else 2, (name, kind)) for name, kind in options]
        return self.opened(place, *self.choose.weighted(weights))

    def again(self, place: Place) -> str:
        """A field that is selected here already, with other selections below it."""
        mine = {name: kind for name, kind in self.options(place) if place.rows * self.rows_of(kind) <= ROWS}
        known = [
            (key, selected)
            for key, fields in place.scope.fields.items()
            for selected in fields
            if selected.parent == place.type.name and selected.name in mine
        ]
        if not known:
            return self.object(place)
        key, selected = self.choose.pick(known)
        alias = "" if key == selected.name else f"{key}: "
        text, definition = f"{alias}{selected.name}{selected.arguments}", mine[selected.name]
        if not is_composite_type(get_named_type(definition.type)):
            return text + self.directives(place)
        return self.directed(place, text, self.below(place, key, definition))

    def opened(self, place: Place, name: str, definition: GraphQLField) -> str:
        """A field and its selection set."""
        text, key = self.named(place, name, definition)
        return self.directed(place, text, self.below(place, key, definition))

    def below(self, place: Place, key: str, definition: GraphQLField) -> Place:
        """The place below a field that is selected under ``key``."""
        kind = get_named_type(definition.type)
        return Place(kind, place.depth + 1, place.rows * self.rows_of(definition), place.scope.below[key])

    def named(self, place: Place, name: str, definition: GraphQLField) -> tuple[str, str]:
        """``alias: name(arguments)`` and its response key."""
        selected = Selected(
            place.type.name,
            is_object_type(place.type),
            name,
            self.arguments.write(place.type.name, name, definition),
            str(definition.type),
        )
        key = self.choose.pick([*ALIASES, *place.type.fields]) if self.choose.chance(15) else name
        number = 0
        while not place.scope.admits(key, selected):
            key, number = f"{name}_{number}", number + 1
        place.scope.take(key, selected)
        self.fields_left -= 1
        return f"{'' if key == name else f'{key}: '}{name}{selected.arguments}", key

    def typename(self, place: Place) -> str:
        """``__typename``, maybe under an alias."""
        selected = Selected(place.type.name, is_object_type(place.type), "__typename", "", "String!")
        key = self.choose.pick(["__typename", "kind"])
        if not place.scope.admits(key, selected):
            key = "__typename"
        place.scope.take(key, selected)
        self.leaves += min(place.rows, SURE_ROWS) * LIKELY
        return ("" if key == "__typename" else f"{key}: ") + "__typename" + self.directives(place)

    def inline(self, place: Place) -> str:
        """An inline fragment, with or without a type condition."""
        if self.choose.chance(35):
            return self.directed(place, "...", place)
        return self.on(place, self.choose.pick(self.conditions(place)))

    def on(self, place: Place, kind: Any) -> str:
        """An inline fragment on a type."""
        rows = place.rows / max(1, len(self.possible(place.type)) if is_object_type(kind) else 1)
        return self.directed(place, f"... on {kind.name}", Place(kind, place.depth, rows, place.scope))

    def spread(self, place: Place) -> str:
        """A fragment spread: one written before where it fits, or a new one."""
        before = self.leaves
        known = [fragment for fragment in self.fragments if self.fits(fragment, place)]
        if known and self.choose.chance(60):
            fragment = self.choose.pick(known)
        else:
            fragment = self.fragment(place)
            if not self.fits(fragment, place):
                return self.inline(place)
            self.fragments.append(fragment)
        place.scope.take_all(fragment.scope)
        directives, kept = self.condition(place)
        if not kept:
            self.leaves = before
        return f"...{fragment.name}{directives}"

    def fragment(self, place: Place) -> Fragment:
        """A fragment written for a place; not yet part of the document."""
        kind, scope = self.choose.pick(self.conditions(place)), Scope()
        outer = self._deepest, self._most_rows
        self._deepest, self._most_rows = place.depth, place.rows
        body = self.selection_set(Place(kind, place.depth, place.rows, scope))
        deepest, rows = self._deepest - place.depth, self._most_rows / place.rows
        self._deepest, self._most_rows = max(self._deepest, outer[0]), max(self._most_rows, outer[1])
        name = f"F{len(self.fragments)}"
        return Fragment(name, kind, f"fragment {name} on {kind.name} {body}", scope, deepest, rows)

    def fits(self, fragment: Fragment, place: Place) -> bool:
        """Whether a fragment may be spread here."""
        return (
            do_types_overlap(self.schema, fragment.type, place.type)
            and place.depth + fragment.deepest <= DEPTH
            and place.rows * fragment.rows <= ROWS
            and place.scope.admits_all(fragment.scope)
        )

    def directives(self, place: Place) -> str:
        """Mostly nothing; @skip and @include, mostly so that the selection stays."""
        return self.condition(place)[0]

    def condition(self, place: Place) -> tuple[str, bool]:
        """Directives, and whether the selection stays."""
        if not self.choose.chance(10):
            return "", True
        kept = not self.choose.chance(30 if place.depth > 1 else 12)
        skip = f" @skip(if: {self.variables.condition(value=not kept)})"
        include = f" @include(if: {self.variables.condition(value=kept)})"
        return self.choose.pick([skip, include, skip, include, skip + include]), kept

    def directed(self, place: Place, text: str, inside: Place) -> str:
        """``text``, directives and a selection set for ``inside``."""
        directives, kept = self.condition(place)
        before = self.leaves
        body = self.selection_set(inside)
        if not kept:
            self.leaves = before
        return f"{text}{directives} {body}"

    def options(self, place: Place) -> list[tuple[str, GraphQLField]]:
        """Fields of a type whose required arguments have values."""
        fields = getattr(place.type, "fields", {})
        return [
            (name, kind)
            for name, kind in fields.items()
            if f"{place.type.name}.{name}" not in self.avoided and self.arguments.possible(place.type.name, name, kind)
        ]

    def conditions(self, place: Place) -> list[Any]:
        """Types that a fragment may name here."""
        kind = place.type
        interfaces = list(kind.interfaces) if is_object_type(kind) else self.possible(kind)
        return [kind, kind, *interfaces]

    def possible(self, kind: Any) -> list[GraphQLObjectType]:
        """Object types of an interface or union."""
        return list(self.schema.get_possible_types(kind))

    def rows_of(self, definition: GraphQLField) -> int:
        """A guess at the rows that one parent row has."""
        kind = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
        return self.rows_per_list if isinstance(kind, GraphQLList) or is_paged(definition) else 1
