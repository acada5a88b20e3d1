"""The registry of simulated suppliers: one line per kind.

A kind's module has ``Options``, a struct of what ``larder simulate KIND --set name=value`` may set, and
``open_supply(options)``, its ``Supply``. It is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import msgspec

from sync.simulators.errors import KindUnknown, OptionUnreadable
from sync.simulators.supply import Supply

KINDS: Mapping[str, str] = {
    "eat_api": "sync.simulators.eat_api",
    "open_delivery": "sync.simulators.open_delivery",
    "square": "sync.simulators.square",
    "toast": "sync.simulators.toast",
}


def open_supply(kind: str, options: Mapping[str, str]) -> Supply:
    """The supply of a kind, set up as ``options`` say in text. Raises ``SimulatorError``."""
    if kind not in KINDS:
        raise KindUnknown(kind, KINDS)
    module = import_module(KINDS[kind])
    try:
        supply: Supply = module.open_supply(msgspec.convert(dict(options), module.Options, strict=False))
    except msgspec.ValidationError as exc:
        raise OptionUnreadable(kind, exc) from exc
    return supply
