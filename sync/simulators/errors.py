"""What a simulator cannot do.

::

    SyncError
    └── SimulatorError
        ├── KindUnknown           nobody simulates such a supplier
        ├── OptionUnreadable      it cannot be set up like that
        ├── RecordingUnreadable   the folder to replay is no recording
        ├── StepUnknown           the recording has no such publication
        └── WrongMode             only a recording has steps, only generated data can be published
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sync.errors import SyncError


class SimulatorError(SyncError):
    """The simulator could not do what it was asked."""


class KindUnknown(SimulatorError):
    """Nobody simulates a supplier of ``kind``, only of ``kinds``."""

    def __init__(self, kind: str, kinds: Iterable[str]) -> None:
        super().__init__(f"the kind of supplier must be one of {', '.join(kinds)}, not {kind!r}")


class OptionUnreadable(SimulatorError):
    """The supplier of ``kind`` cannot be set up like that, because of ``reason``."""

    def __init__(self, kind: str, reason: object) -> None:
        super().__init__(f"options of {kind}: {reason}")


class RecordingUnreadable(SimulatorError):
    """``folder`` is no recording, because of ``reason``."""

    def __init__(self, folder: Path, reason: object) -> None:
        super().__init__(f"{folder} is not a readable recording: {reason}")


class StepUnknown(SimulatorError):
    """The recording has no publication ``step``."""

    def __init__(self, step: int, steps: int) -> None:
        super().__init__(f"step must be 0 to {steps - 1}, not {step}")


class WrongMode(SimulatorError):
    """This is possible in the other mode only."""
