"""What every resolver finds in ``info.context``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loaders.viewer import ANONYMOUS, Viewer

if TYPE_CHECKING:
    from loaders.session import ReadSession


@dataclass(frozen=True, slots=True)
class OperationContext:
    """One operation's context. ``session`` is its snapshot of the store.

    plans: the engine of ``plans.engine`` that may answer the operation as a whole, None to leave it to the resolvers.
    viewer: who asks.
    """

    session: ReadSession
    plans: object = None
    viewer: Viewer = ANONYMOUS
