"""The fingerprint of the code that reads records: another for another line of it, the same for the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sync.builds import fingerprint, packages
from sync.targets import installed_targets


def test_one_changed_line_of_a_package_is_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "__init__.py").write_text("")
    (tmp_path / "mapping" / "rows.py").write_text("FACTOR = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__("mapping")
    read = fingerprint.__wrapped__
    before = read(frozenset({"mapping"}))
    assert read(frozenset({"mapping"})) == before

    (tmp_path / "mapping" / "rows.py").write_text("FACTOR = 2\n")

    assert read(frozenset({"mapping"})) != before
    del sys.modules["mapping"]


def test_the_packages_of_targets_and_of_the_sync_decide() -> None:
    assert packages(installed_targets()) >= {"sync", "catalog"}
