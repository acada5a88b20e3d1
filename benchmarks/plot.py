"""Draws results: what a request costs, and how the long list grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.results import Measurement, Results

mpl.rcParams["svg.hashsalt"] = "benchmarks"
COLOURS = ("#0b6e4f", "#d1495b", "#8d6a9f", "#30638e", "#edae49")


def draw(results: Results, path: Path) -> None:
    """Write an SVG: CPU and wall for every operation at one request, wall and CPU an item over the list's length."""
    figure = Figure(figsize=(13, 9), layout="constrained")
    cpu, wall, growth, each = figure.subplots(2, 2).flat
    bars(cpu, results, "Python CPU, ms a request", lambda found: found.python_cpu)
    bars(wall, results, "wall p50, ms", lambda found: found.wall_p50)
    colours = colour_of(results)
    for found in results.growth:
        sizes = [size for size, _, _ in found.points]
        growth.plot(
            sizes, [wall for _, wall, _ in found.points], "o-", label=found.contestant, color=colours[found.contestant]
        )
        each.plot(
            sizes,
            [cpu / size * 1e3 for size, _, cpu in found.points],
            "o-",
            label=found.contestant,
            color=colours[found.contestant],
        )
    growth.set(title="D: wall, ms", xlabel="items", yscale="log", xscale="log")
    each.set(title="D: Python CPU, µs an item", xlabel="items", yscale="log", xscale="log")
    figure.suptitle(
        f"{results.machine['machine']}\n{results.machine['python']}, PostgreSQL {results.machine['postgresql']},"
        f" {results.machine['data']}",
        fontsize=9,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})


def bars(axes: Any, results: Results, title: str, value: Callable[[Measurement], float]) -> None:
    """One group of bars an operation, one bar a contestant, on a logarithmic scale."""
    alone = [found for found in results.measurements if found.at_once == 1]
    operations = list(dict.fromkeys(found.operation for found in alone))
    contestants = list(dict.fromkeys(found.contestant for found in alone))
    width = 0.8 / max(1, len(contestants))
    for place, name in enumerate(contestants):
        heights: Sequence[float] = [
            next((value(found) for found in alone if (found.operation, found.contestant) == (key, name)), 0.0)
            for key in operations
        ]
        places = [group + place * width - 0.4 + width / 2 for group in range(len(operations))]
        drawn = axes.bar(places, heights, width * 0.92, label=name, color=colour_of(results)[name])
        axes.bar_label(drawn, fmt="%.3g", fontsize=6)
    axes.set(title=title, yscale="log", xticks=range(len(operations)), xticklabels=operations)
    axes.legend(fontsize=8)


def colour_of(results: Results) -> dict[str, str]:
    """The same colour for a contestant everywhere."""
    names = dict.fromkeys(found.contestant for found in results.measurements)
    return {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(names)}
