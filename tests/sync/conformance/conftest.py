from __future__ import annotations

import pytest

from tests.sync.conformance.outcomes import OUTCOMES, Outcome


@pytest.fixture
def outcomes(request: pytest.FixtureRequest) -> list[Outcome]:
    """Every outcome of this session: tests add theirs."""
    return request.config.stash.setdefault(OUTCOMES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash.get(OUTCOMES, [])
    if found and config.get_verbosity() >= 0:
        terminalreporter.section("what runs under faults came to")
        for one in found:
            terminalreporter.write_line(
                f"{one.kind:13} {one.fault:36} {one.stream:12} {one.state:10} {one.rows:28} {one.told}"
            )
