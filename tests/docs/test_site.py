"""The pages make a site: without a warning, without another host, and with everything that has to be found in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html import unescape
from importlib import import_module
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, anchors

pytestmark = pytest.mark.slow

ASKED = re.compile(r"<(?:script|img|iframe|source)\b[^>]*?\bsrc=\"([^\"]*)\"|<link\b[^>]*?\bhref=\"([^\"]*)\"")
"""What a browser asks for by itself."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``make docs`` makes."""
    if not (shutil.which("make") and (ROOT / ".venv" / "bin" / "uv").exists()):
        pytest.skip("needs make, and uv in .venv")
    folder = tmp_path_factory.mktemp("site")
    made = subprocess.run(
        ["make", "docs", f"DOCS={folder}"],
        cwd=ROOT,
        env={**os.environ, "UV_SYSTEM_CERTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def test_every_page_is_in_it(site: Path) -> None:
    pages = (page.relative_to(DOCS).with_suffix(".html") for page in DOCS.rglob("*.md"))

    for page in pages:
        assert (site / page.with_name("index.html" if page.name == "README.html" else page.name)).is_file()


def test_nothing_is_asked_of_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        asked = [src or href for src, href in ASKED.findall(page.read_text(encoding="utf-8"))]

        assert asked
        assert [place for place in asked if re.match(r"\w+:|//", place) and not place.startswith("data:")] == []


def test_stylesheets_ask_nothing_of_another_host(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", sheet.read_text(encoding="utf-8"))


def test_anchors_are_those_of_the_forge(site: Path) -> None:
    for page in DOCS.glob("*.md"):
        made = set(re.findall(r"<h[1-6] id=\"([^\"]*)\"", (site / f"{page.stem}.html").read_text(encoding="utf-8")))

        assert anchors(page) - {f"{anchor}-1" for anchor in made} <= made


def test_files_outside_docs_are_shown(site: Path) -> None:
    shown = unescape(re.sub(r"<[^>]*>", "", (site / "files/deploy/prometheus-alerts.yml.html").read_text()))

    assert "LarderStoreDown" in shown
    assert (site / "files/CHANGELOG.html").is_file()


def test_the_reference_tells_of_everything_public(site: Path) -> None:
    for name in ("graphql", "sync", "testing"):
        page = (site / "reference" / f"{name}.html").read_text(encoding="utf-8")

        for offered in import_module(f"larder.{name}").__all__:
            assert f'id="larder.{name}.{offered}"' in page, offered
