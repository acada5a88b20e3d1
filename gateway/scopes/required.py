"""What an operation needs of its viewer, found on its document, before anything runs: the same for both executors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import FragmentDefinitionNode, OperationDefinitionNode, is_input_type, type_from_ast

from gateway.endpoint.errors import RequestError
from gateway.identity.authenticators import NO_STORE, unauthenticated
from gateway.scopes.needed import OPEN, Needed, has, told
from gateway.scopes.policy import ScopePolicy
from loaders.viewer import Viewer
from plans.selected import Condition, SelectedField, selected


@dataclass(frozen=True, slots=True)
class Requirement:
    """``coordinate`` (``Type.field``, ``Type``) is selected, and needs one of the sets of ``scopes``."""

    coordinate: str
    scopes: Needed


def requirements(
    policy: ScopePolicy, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[Requirement, ...]:
    """Everything that an operation of a valid document needs, each coordinate once; () where that is nothing."""
    if policy.open:
        return ()
    found = dict(pair for pair in (*of_variables(policy, operation), *of_selections(policy, operation, fragments)))
    return tuple(Requirement(coordinate, needed) for coordinate, needed in found.items() if needed != OPEN)


def of_variables(policy: ScopePolicy, operation: OperationDefinitionNode) -> Iterator[tuple[str, Needed]]:
    """The types of the operation's variables."""
    for definition in operation.variable_definitions or ():
        kind = type_from_ast(policy.schema, definition.type)
        if is_input_type(kind):
            yield f"${definition.variable.name.value}: {kind}", policy.of_type(kind)


def of_selections(
    policy: ScopePolicy, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[tuple[str, Needed]]:
    """Its fields, their arguments, and the types of its fragments."""
    for found in selected(policy.schema, operation, fragments):
        if isinstance(found, Condition):
            yield found.type.name, policy.of_type(found.type)
        elif found.field is not None:
            coordinate = f"{found.parent.name}.{found.node.name.value}"
            yield coordinate, policy.of_field(found.parent, found.node.name.value)
            for argument in found.node.arguments or ():
                name = argument.name.value
                yield f"{coordinate}({name}:)", policy.of_type(found.field.args[name].type)
        yield from of_directives(policy, found)


def of_directives(policy: ScopePolicy, found: SelectedField | Condition) -> Iterator[tuple[str, Needed]]:
    """The directives on it, whose arguments may need something."""
    for node in found.node.directives or ():
        directive = policy.schema.get_directive(node.name.value)
        for name, argument in directive.args.items() if directive is not None else ():
            yield f"@{node.name.value}({name}:)", policy.of_type(argument.type)


def check(required: Iterable[Requirement], viewer: Viewer) -> None:
    """Raise ``RequestError`` for the first requirement that the viewer does not meet."""
    for requirement in required:
        if not has(viewer.scopes, requirement.scopes):
            raise refusal(requirement, viewer)


def refusal(requirement: Requirement, viewer: Viewer) -> RequestError:
    """401 for the anonymous, 403 for whoever is known (RFC 6750 section 3.1: ``insufficient_scope``)."""
    message = f"{requirement.coordinate} needs the scope {told(requirement.scopes)}"
    if viewer.subject is None:
        return unauthenticated(message, error="")
    least = min((sorted(one) for one in requirement.scopes), key=lambda names: (len(names), names), default=[])
    challenge = f'Bearer realm="larder", error="insufficient_scope", scope="{" ".join(least)}"'
    headers = ((b"www-authenticate", challenge.encode("ascii", "replace")), NO_STORE)
    return RequestError(403, "FORBIDDEN", message, headers)
