"""The registry of kinds of sources imports a kind when it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sync import sources
from sync.errors import SettingsError
from sync.settings import SourceSettings
from sync.sources import KINDS, Kinds, SourceKind, source_kind

SAID = """
import sys
from sync.sources import KINDS
names = list(KINDS)
before = {name for name in names if f"sync.sources.{name}" in sys.modules}
KINDS["toast"]
after = {name for name in names if f"sync.sources.{name}" in sys.modules}
print(len(before), *after)
"""


def test_only_the_kind_that_is_asked_for_is_imported() -> None:
    told = subprocess.run([sys.executable, "-c", SAID], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["0", "toast"]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_is_found(name: str) -> None:
    assert isinstance(KINDS[name], SourceKind)
    assert KINDS[name] is KINDS[name]


def test_every_folder_of_a_source_is_registered() -> None:
    folders = {path.parent.name for path in Path(sources.__path__[0]).glob("*/source.py")}

    assert set(KINDS) == folders


def test_a_kind_that_nobody_registered_is_named_beside_those_that_there_are() -> None:
    with pytest.raises(SettingsError, match=r"must be one of eat_api, .*toast \(got 'sweets'\)"):
        source_kind(SourceSettings("corner", "sweets", "http://nowhere"))


def test_a_kind_whose_module_cannot_be_imported_is_not_taken_for_unknown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kind_without_key.py").write_text("KIND = {}['key']\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sources, "KINDS", Kinds({"broken": "kind_without_key"}))

    with pytest.raises(KeyError, match="key"):
        source_kind(SourceSettings("corner", "broken", "http://nowhere"))


def test_a_kind_can_be_put_beside_those_that_there_are() -> None:
    kinds = Kinds({"toast": "sync.sources.toast.kind"})
    kinds["said"] = KINDS["eat_api"]

    assert "said" in kinds
    assert list(kinds) == ["toast", "said"]

    del kinds["said"]

    assert len(kinds) == 1
