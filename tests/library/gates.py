"""What stands between a field of the library and its value: who may see it, what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from strawberry import BasePermission
from strawberry.extensions import FieldExtension

from loaders.viewer import Viewer

STAFF = Viewer("keeper", frozenset({"library:staff"}))


class ForStaff(BasePermission):
    message = "only the library's staff may see this"

    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        viewer: Viewer = info.context.viewer
        return viewer.scopes >= STAFF.scopes


class ForMembers(BasePermission):
    message = "only members may see this"

    async def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        viewer: Viewer = info.context.viewer
        return viewer.subject is not None


class Loud(FieldExtension):
    """Capitals."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Any, **kwargs: Any) -> Any:
        return str(next_(source, info, **kwargs)).upper()


class Backwards(FieldExtension):
    """A list from its end; works on what a fetch gives only later."""

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **kwargs: Any
    ) -> list[Any]:
        return list(reversed(await next_(source, info, **kwargs)))
