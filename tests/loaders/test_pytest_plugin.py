"""The pytest plugin, in a session of an application's own tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from loaders import pytest_plugin

ROOT = Path(__file__).parents[2]
TESTS = """
import django

django.setup()

from django.contrib.auth.models import Group


def test_as_many_as_told(assert_statements):
    with assert_statements(2):
        Group.objects.count()
        Group.objects.exists()


def test_one_more_than_told(assert_statements):
    with assert_statements(1):
        Group.objects.count()
        Group.objects.exists()
"""


def test_it_is_an_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["entry-points"]["pytest11"] == {"larder": pytest_plugin.__name__}


def test_the_fixture_counts_and_shows(store: str, tmp_path: Path) -> None:
    (tmp_path / "test_shop.py").write_text(TESTS)

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "loaders.pytest_plugin", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "DJANGO_SETTINGS_MODULE": "gateway.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert "1 failed, 1 passed" in ran.stdout, ran.stdout + ran.stderr
    assert "AssertionError: expected 1 statement, sent 2" in ran.stdout
    assert 'SELECT COUNT(*) AS "__count" FROM "auth_group"' in ran.stdout
