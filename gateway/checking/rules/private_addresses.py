"""Sources that may live at private addresses: whoever answers for the supplier's name leads the worker inside."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project


def find(project: Project) -> Iterator[Found]:
    """Each declared supplier with ``allow_private``."""
    for source in project.suppliers.sources:
        if source.table("options").get("allow_private") is True:
            spot = f"{source.spot}.options.allow_private"
            yield Found(
                project.suppliers.place(spot),
                spot,
                "requests may go to any address inside the network",
                "leave it out, unless this supplier lives there",
            )
