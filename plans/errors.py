"""Why an operation is not answered by a plan. Neither ever reaches a client: the resolver path answers instead.

::

    LarderError
    ├── NotCompilable    found while compiling: not proven equal to the resolver path
    ├── Deopt            found while running: a value or an argument that plans do not handle
    └── Rewritten        a table was copied or emptied while the pipeline ran: to be read again
"""

from __future__ import annotations

from loaders.errors import LarderError


class NotCompilable(LarderError):
    """The operation has a part that no plan covers."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.reason = reason
        self.path = path


class Deopt(LarderError):
    """The plan met a value that only the resolver path can report.

    leads: of the requests that met it together, this is the first, which stands for all.
    """

    def __init__(self, reason: str, *, leads: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.leads = leads


class Rewritten(LarderError):
    """A table was copied or emptied while the plan read; the snapshot finds it empty."""
