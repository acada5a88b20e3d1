"""What a supplier fills."""

from __future__ import annotations

from larder.sync import Target, TargetSet
from tests.gateway.checking.orchard.models import Crate, Parcel

TARGETS = TargetSet(targets=[Target("parcel", Parcel, "menu", dict), Target("crate", Crate, "menu", dict)])
