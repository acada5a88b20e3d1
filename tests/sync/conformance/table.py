"""``python -m tests.sync.conformance.table``: runs every source under every fault, and writes what came of it.

Writes docs/suppliers/faults.md. Takes minutes; arguments are pytest's, such as ``-m "not slow"`` for the few.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.sync.conformance.outcomes import OUTCOMES, Outcome, markdown

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "suppliers" / "faults.md"
HEAD = """# Faults, supplier by supplier

What a run comes to while the [simulated supplier](../simulator.md) misbehaves in one way towards every request, after a
healthy import and a true change. `fault, one of 5`: every fifth value or row. Written by
`python -m tests.sync.conformance.table`; the tests in `tests/sync/conformance` hold each of these runs to this:

- Every row says what it said before the fault, or what a healthy supplier says.
- Nothing that a healthy supplier has is missing.
- What does not say what the supplier says claims no newer confirmation.
- Once the fault is over, a run of each stream leaves what an import into an empty store leaves.

**Rows**: inserted, updated, deleted, and refused.

"""


class Collector:
    """Takes what a session of pytest found."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.outcomes = session.config.stash.get(OUTCOMES, list[Outcome]())


def differing() -> str:
    """What is otherwise for some kinds, and why."""
    lines = []
    for module in sorted((HERE / "kinds").glob("*.py")):
        of = import_module(f"tests.sync.conformance.kinds.{module.stem}").SUBJECT
        for mode, belief in of.believed.items():
            kinds = ", ".join(sorted(belief.kinds))
            lines.append(f"- `{of.kind}`, `{mode}`: what it says of {kinds} may be believed, since {belief.why}.")
        lines += [f"- `{of.kind}`, `{mode}`: {why}." for mode, why in of.patient.items()]
        lines += [f"- `{of.kind}`, `{mode}`: not yet right: {why}." for mode, why in of.wanting.items()]
    return "\n".join(["## Where that is otherwise", "", *lines, ""])


def main() -> int:
    """Run the whole matrix and write the page. Returns pytest's status."""
    collector = Collector()
    asked = [*sys.argv[1:], "-q", "-p", "no:cacheprovider", "--tb=short", str(HERE / "test_faults.py")]
    status = pytest.main(asked, [collector])
    PAGE.write_text(HEAD + markdown(collector.outcomes) + "\n" + differing(), encoding="utf-8")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
