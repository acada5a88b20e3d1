"""Everything that docs/your-own-models.md says to type is typed, in an empty folder with the built wheel.

What is printed is compared with what the page shows, but for times; a line ``…`` there stands for any lines. The two
ports are others, as those of the page may be taken.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.ports import free_port
from tests.examples.conftest import ROOT
from tests.examples.pages import File, Typed, steps
from tests.examples.terminals import Terminal

PAGE = ROOT / "docs" / "your-own-models.md"
EXAMPLE = ROOT / "examples" / "bookshop"
TIMES = re.compile(r"\b\d+(\.\d+)?(?= (ms|s)\b)")
ANY = "…"


def lines(text: str) -> list[str]:
    """Lines without blanks at their ends and without times; empty ones left out."""
    return [TIMES.sub("N", " ".join(line.split())) for line in text.splitlines() if line.strip()]


def matches(shown: list[str], printed: list[str]) -> bool:
    """Whether the page shows what is printed."""
    if not shown or not printed:
        return all(line == ANY for line in shown) and not (printed and not shown)
    if shown[0] == ANY:
        return any(matches(shown[1:], printed[start:]) for start in range(len(printed) + 1))
    return shown[0] == printed[0] and matches(shown[1:], printed[1:])


def same(step: Typed, printed: str) -> bool:
    if step.shown.startswith('{"'):
        return bool(json.loads(printed) == json.loads(step.shown))
    return matches(lines(step.shown), lines(printed))


def write(folder: Path, file: File) -> None:
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text() if file.part else ""
    path.write_text(file.text + before if file.part == "beginning" else before + file.text)


@pytest.mark.slow
def test_the_page_works_as_it_stands(
    tmp_path: Path, wheel: Path, terminal: Callable[..., Terminal], capsys: pytest.CaptureFixture[str]
) -> None:
    ports = {"8000": str(free_port()), "8200": str(free_port())}
    terminals: dict[str, Terminal] = {}
    started = time.monotonic()

    def with_ports(text: str) -> str:
        return re.sub(r"\b(8000|8200)\b", lambda found: ports[found[0]], text)

    for step in steps(PAGE):
        if isinstance(step, File):
            write(tmp_path, File(step.path, step.part, with_ports(step.text)))
            continue
        if step.terminal not in terminals:
            terminals[step.terminal] = terminal(tmp_path, PORT=ports["8000"], LARDER_WHEEL=str(wheel))
        shell = terminals[step.terminal]
        step.shown = with_ports(step.shown)
        shell.type(with_ports(step.commands))
        if step.terminal:
            shell.until(says=re.split(r"\d", step.shown, maxsplit=1)[0])
            continue
        printed = shell.until()
        if step.shown:
            assert same(step, printed), f"{step.commands}\nthe page shows\n{step.shown}\nprinted was\n{printed}"

    with capsys.disabled():
        print(f"\ndocs/your-own-models.md, every command typed: {time.monotonic() - started:.0f} s")  # noqa: T201 - asked for by whoever runs it


def test_the_page_and_the_example_have_the_same_files() -> None:
    shown = [step for step in steps(PAGE) if isinstance(step, File)]

    for path in {step.path for step in shown if step.path != "documents/shelf.graphql"}:
        parts = {step.part: step.text for step in shown if step.path == path}
        text = parts.get("beginning", "") + parts[""] + parts.get("end", "")
        said = "\n".join(
            line for line in text.splitlines() if line and not line.startswith(("import ", "from ", '"""'))
        )
        kept = (EXAMPLE / path).read_text()
        assert all(line in kept for line in said.splitlines()), path
