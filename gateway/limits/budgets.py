"""What an operation may cost, and what becomes of one that costs more."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import structlog

from gateway.endpoint.errors import RequestError
from loaders.recent import Recent

WARNED = 4096
"""Documents remembered as warned of; each is warned of once while it is."""

log = structlog.get_logger(__name__)


class CostMode(enum.StrEnum):
    """What is done about costs: nothing; estimated; warned of once a document; refused."""

    OFF = "off"
    MEASURE = "measure"
    WARN = "warn"
    ENFORCE = "enforce"


def too_expensive(estimated: float, allowed: float, by: str) -> RequestError:
    """The refusal, with both numbers. by: words for who would run the operation."""
    return RequestError(
        400,
        "COST_ESTIMATED_TOO_EXPENSIVE",
        f"the operation is estimated to cost {estimated:,.10g}{by}; {allowed:,.10g} is allowed",
        extensions={"cost": {"estimated": estimated, "allowed": allowed}},
    )


@dataclass(eq=False)
class Budgets:
    """The budgets of operations. allowed: of any; allowed_resolvers: of one that has no plan, which takes longer."""

    mode: CostMode = CostMode.ENFORCE
    allowed: float = 30_000
    allowed_resolvers: float = 10_000
    _warned: Recent[None] = field(default_factory=lambda: Recent(WARNED), init=False, repr=False)

    @property
    def estimates(self) -> bool:
        """Whether costs are estimated at all."""
        return self.mode is not CostMode.OFF

    def check(self, estimated: float, document: str, own: float | None = None) -> None:
        """Raise ``RequestError`` (400) for more than the operation may cost.

        document: its SHA-256, for the log. own: what its document's own budget allows, whoever runs it.
        """
        allowed = self.allowed if own is None else own
        if estimated > allowed:
            self.refuse(estimated, allowed, document, "")

    def check_resolvers(self, estimated: float, document: str, own: float | None = None) -> None:
        """The same for an operation that resolvers are to run."""
        allowed = self.allowed_resolvers if own is None else own
        if estimated > allowed:
            self.refuse(estimated, allowed, document, " and has no plan")

    def refuse(self, estimated: float, allowed: float, document: str, by: str) -> None:
        """Do what the mode says of an operation above its budget."""
        if self.mode is CostMode.ENFORCE:
            raise too_expensive(estimated, allowed, by)
        if self.mode is CostMode.WARN:
            self._warned.get((document, allowed, by), lambda: self._warn(estimated, allowed, document, by))

    def _warn(self, estimated: float, allowed: float, document: str, by: str) -> None:
        log.warning("operation too expensive", document=document, estimated=estimated, allowed=allowed, plan=not by)
