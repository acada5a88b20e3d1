"""Compares plans with the resolver path over thousands of generated operations, in a store of its own.

``python -m tests.equality --operations 5000 --app shipped --seed 1`` prints a summary and ends with 1 if any answer
differed or plans answered less than 90 % of the operations without an error. ``--damaged`` breaks a part of the rows.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

from tests import conftest

ENOUGH = 90


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.equality", description=__doc__)
    parser.add_argument("--operations", type=int, default=5000)
    parser.add_argument("--app", choices=["shipped", "library"], default="shipped")
    parser.add_argument("--candidate", choices=["plans", "reference"], default="plans")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--damaged", action="store_true", help="values that the schema does not admit in some rows")
    options = parser.parse_args()
    with ExitStack() as stack:
        config: Any = SimpleNamespace(add_cleanup=stack.callback)
        conftest.pytest_configure(config)
        return compared(options)


def compared(options: argparse.Namespace) -> int:
    """Fill the store and compare; the exit code."""
    import os  # noqa: PLC0415 - its database is named by then

    from tests.equality import candidates  # noqa: PLC0415 - models load only once Django is set up
    from tests.equality.applications import APPLICATIONS  # noqa: PLC0415 - models load only once Django is set up
    from tests.equality.damage import damaged  # noqa: PLC0415 - models load only once Django is set up
    from tests.equality.session import compare  # noqa: PLC0415 - models load only once Django is set up

    application = APPLICATIONS[options.app]()
    candidate = {"plans": candidates.plans, "reference": candidates.reference_itself}[options.candidate]
    url = os.environ["LARDER_DATABASE_URL"]
    stored = application.fill()
    started = time.monotonic()
    with damaged(url, application.damage if options.damaged else ()):
        outcome = compare(application, url, stored, count=options.operations, seed=options.seed, candidate=candidate)
    print(f"{application.name}, seed {options.seed}, {time.monotonic() - started:.0f} s: {outcome}")  # noqa: T201 - its output
    return 0 if not outcome.differences and (options.damaged or outcome.planned >= ENOUGH) else 1


if __name__ == "__main__":
    sys.exit(main())
