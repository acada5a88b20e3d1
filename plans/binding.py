"""One request's values for a shape: arguments read, keys understood, pages placed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from graphql.execution.values import VariableValues

from loaders.listings import COUNT_CAP
from loaders.loader import hashable
from loaders.pages import Page
from loaders.viewer import ANONYMOUS, Viewer
from plans.arguments import NO_ARGUMENTS
from plans.errors import Deopt
from plans.paging import PageRequest
from plans.statements import CAP, SIZE, PagePresence
from plans.tree import FetchNode, Node, PageNode, RootLookup, Shape

Key = tuple[str, Any]
"""A type name and a key of its fetch."""


@dataclass(slots=True)
class Binding:
    """What a request gives: parameter values, computed fields' arguments, pages, what is given, and lookup keys.

    lookups: position of a root lookup -> its key, None for one that cannot exist, or a list of these. viewer: who asks,
    for the resolvers that an answer may be compared with; what a plan reads of them is among the values.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sites: list[dict[str, Any]] = field(default_factory=list)
    pages: dict[int, PageRequest] = field(default_factory=dict)
    presence: dict[int, Any] = field(default_factory=dict)
    lookups: dict[int, Any] = field(default_factory=dict)
    viewer: Viewer = ANONYMOUS


class Binder:
    """Reads requests for one shape. What neither a variable nor a facet of the viewer changes is read once."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        reading = [
            (node, node.arguments or NO_ARGUMENTS) for node in shape.nodes if node.arguments is not None or node.facets
        ]
        self.varying = [(node, arguments) for node, arguments in reading if arguments.varies or node.facets]
        self.varying_sites = [place for place, site in enumerate(shape.sites) if site.varies]
        self.lookups = [(place, root) for place, (_, root) in enumerate(shape.roots) if isinstance(root, RootLookup)]
        self.fixed = Binding(sites=[{} if site.varies else site.constant for site in shape.sites])
        nothing = VariableValues({}, {})
        for node, arguments in reading:
            if not arguments.varies and not node.facets:
                bind_node(node, self.fixed, arguments.read(nothing))

    def bind(self, variables: VariableValues, viewer: Viewer = ANONYMOUS) -> Binding:
        """The request's values. Raises ``Deopt`` or ``ClientError`` for what the resolver path must report."""
        fixed = self.fixed
        if self.varying or self.varying_sites:
            found = Binding(dict(fixed.values), list(fixed.sites), dict(fixed.pages), dict(fixed.presence))
            for node, arguments in self.varying:
                bind_node(node, found, arguments.read(variables), viewer)
            for place in self.varying_sites:
                found.sites[place] = self.shape.sites[place].read(variables)
        else:
            found = Binding(fixed.values, fixed.sites, fixed.pages, fixed.presence)
        found.viewer = viewer
        for place, root in self.lookups:
            found.lookups[place] = lookup_keys(root, variables)
        return found


def bind_node(node: Node, found: Binding, arguments: dict[str, Any], viewer: Viewer = ANONYMOUS) -> None:
    """The values of one node's own parameters, its facets among them."""
    if isinstance(node, FetchNode):
        given = node.fetch.given(arguments, viewer)
        found.presence[node.index] = tuple(given)
    else:
        given = bind_page(node, found, arguments, viewer)
    for name, value in given.items():
        found.values[f"{node.index}.{name}"] = value


def bind_page(node: PageNode, found: Binding, arguments: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    """A page's parameters: filters, position, size."""
    listing, page = node.listing, Page.of(arguments)
    given = listing.given(arguments, viewer)
    values = page.values(listing, given)
    after = page.cursor is not None
    found.presence[node.index] = PagePresence(tuple(given), after, page.backward)
    found.pages[node.index] = PageRequest(page.size, after, page.backward, listing.fingerprint(given))
    return {**values, SIZE: page.size, CAP: COUNT_CAP + 1}


def lookup_keys(root: RootLookup, variables: VariableValues) -> Any:
    """The key or keys that a root lookup asks for."""
    arguments = root.arguments.read(variables)
    if root.argument not in arguments:
        raise Deopt("a lookup without its argument")
    value = arguments[root.argument]
    if not root.by_list:
        return checked(root.read(value))
    if not isinstance(value, list):
        raise Deopt("a lookup by a list without a list")
    return tuple(checked(root.read(element)) for element in value)


def checked(key: Key | None) -> Key | None:
    """A key that a statement can be sent with."""
    if key is not None and key[1] is None:
        raise Deopt("a null key")
    return key


def group_key(binding: Binding) -> Hashable:
    """What requests must have in common, beside the plan, to be answered together: all but the lookup keys.

    Of their viewers that is the values of the facets that the plan's fetches read, and nothing else.
    """
    return (
        tuple((name, hashable(value)) for name, value in binding.values.items()),
        tuple(tuple((name, hashable(value)) for name, value in site.items()) for site in binding.sites),
    )
