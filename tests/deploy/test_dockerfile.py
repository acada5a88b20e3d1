"""The Dockerfile, as far as it can be judged without running it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from gateway.config import Config, setting_names
from gateway.projects import OWN_PACKAGES

ROOT = Path(__file__).parents[2]
SETTINGS = {name for field in Config.model_fields for name in setting_names(field)}


@dataclass(frozen=True)
class Instruction:
    stage: int
    word: str
    rest: str


def instructions() -> list[Instruction]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    found: list[Instruction] = []
    stage = -1
    for line in filter(None, map(str.strip, lines)):
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Instruction(stage, word, " ".join(rest.split())))
    return found


@pytest.fixture(scope="module")
def last() -> dict[str, list[str]]:
    """The instructions of the final stage, by their word."""
    every = instructions()
    found: dict[str, list[str]] = {}
    for each in every:
        if each.stage == every[-1].stage:
            found.setdefault(each.word, []).append(each.rest)
    return found


def test_every_path_that_is_copied_is_there_and_not_ignored() -> None:
    copied = [
        place
        for each in instructions()
        if each.word == "COPY" and not each.rest.startswith("--from=")
        for place in each.rest.split()[:-1]
    ]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line.removeprefix("!") for line in ignored if line.startswith("!")]

    assert "*" in ignored
    for place in copied:
        assert (ROOT / place).exists(), place
        assert any(Path(place).match(pattern) for pattern in let_in), place
    assert {place.removesuffix("/") for place in copied if place.endswith("/")} == OWN_PACKAGES


def test_what_is_installed_is_pinned_and_hashed() -> None:
    installing = [
        command
        for each in instructions()
        if each.word == "RUN"
        for command in each.rest.split("&&")
        if re.search(r"\b(pip install|uv build)\b", command)
    ]

    assert len(installing) == 4
    for command in installing:
        assert "--require-hashes" in command or "--no-deps --offline /dist/" in command, command
        for name in re.findall(r"requirements/\S+", command):
            assert "--hash=sha256:" in (ROOT / name).read_text(encoding="utf-8")


def test_the_final_image_has_what_was_built_and_no_tools(last: dict[str, list[str]]) -> None:
    assert last["COPY"] == ["--from=build /larder /larder"]
    assert "pip uninstall" in last["RUN"][0]
    assert not re.search(r"\b(apt-get|uv|pip install|curl)\b", " ".join(last["RUN"]))


def test_it_runs_as_an_ordinary_user_and_writes_no_bytecode(last: dict[str, list[str]]) -> None:
    [user] = last["USER"]
    [variables] = last["ENV"]
    told = dict(re.findall(r"(\w+)=(\S+)", variables))

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert told["PYTHONDONTWRITEBYTECODE"] == "1"
    assert {name for name in told if name.startswith("LARDER_")} <= SETTINGS
    assert f"install -d -o larder -g larder -m 0700 {told['LARDER_DATA_DIR']}" in last["RUN"][0]


def test_one_image_serves_works_and_migrates(last: dict[str, list[str]]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert orjson.loads(last["ENTRYPOINT"][0]) == [*project["scripts"]]
    assert orjson.loads(last["CMD"][0]) == ["serve"]


def test_its_health_is_that_of_the_process(last: dict[str, list[str]]) -> None:
    [check] = last["HEALTHCHECK"]
    program, flag, code = orjson.loads(check.partition("CMD ")[2])

    assert (program, flag) == ("python", "-c")
    compile(code, "HEALTHCHECK", "exec")
    assert "/health/live" in code
