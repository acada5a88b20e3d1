"""What may run: the modes, a client's own, and who may bypass them."""

from __future__ import annotations

import enum
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field


class Mode(enum.Enum):
    """What may run, loosest first."""

    OPEN = "open"
    """Any text, any registered document."""

    LOG_UNKNOWN = "log-unknown"
    """The same, and a text that is not registered is logged."""

    SAFELIST = "safelist"
    """Registered documents, by id or by a text that equals one."""

    IDS_ONLY = "ids-only"
    """Registered documents, by id."""

    @property
    def lists(self) -> bool:
        """Whether registered documents alone run."""
        return self in (Mode.SAFELIST, Mode.IDS_ONLY)

    def stricter(self, other: Mode) -> Mode:
        """The stricter of two."""
        modes = list(Mode)
        return max(self, other, key=modes.index)


@dataclass(frozen=True, slots=True)
class Policy:
    """What one request may do. registers: whether a text may be kept for automatic persisted queries."""

    mode: Mode
    registers: bool


@dataclass(frozen=True, slots=True)
class Policies:
    """Decides what a request may do.

    A client's name is a statement that anybody can make, so a client's own mode counts where it is stricter than
    ``mode``, never where it is looser; the developer's key alone loosens. registers: whether automatic persisted
    queries are on, which no mode that lists documents allows.
    """

    mode: Mode = Mode.OPEN
    registers: bool = True
    developer_key: str | None = field(default=None, repr=False)

    def of(self, client: str | None, modes: Mapping[str, Mode], developer_key: str) -> Policy:
        """The policy of one request. modes: of clients by name; developer_key: what it sent, empty for nothing."""
        if self.is_developer(developer_key):
            return Policy(Mode.OPEN, registers=self.registers and not self.mode.lists)
        own = modes.get(client) if client is not None else None
        mode = self.mode if own is None else self.mode.stricter(own)
        return Policy(mode, registers=self.registers and not mode.lists)

    def is_developer(self, key: str) -> bool:
        """Whether a key is the developer's, told in a time that depends on neither."""
        return self.developer_key is not None and hmac.compare_digest(key.encode(), self.developer_key.encode())
