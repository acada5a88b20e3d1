from __future__ import annotations

from pathlib import Path

import pytest

from sync.errors import SettingsError
from sync.settings import Slo, SourceSettings, read_sources
from sync.sources import every_seconds, source_kind

FULL = """
[sources.canteens]
kind = "eat_api"
url = "https://example.org/api/"
limits = { concurrency = 2 }
schedules = { menu = 0 }

[sources.canteens.slo.price]
fresh_for_seconds = 10
stale_for_seconds = 20
"""


def read(tmp_path: Path, text: str) -> dict[str, SourceSettings]:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    return read_sources(path, "http://unused")


def test_without_a_file_there_is_one_source_at_the_supplier_url() -> None:
    found = read_sources(None, "http://127.0.0.1:8100/")["canteens"]

    assert (found.kind, found.url) == ("eat_api", "http://127.0.0.1:8100")
    assert [found.slo(concern) for concern in ("availability", "price", "menu")] == [
        Slo(60, 600),
        Slo(300, 86_400),
        Slo(1_800, 604_800),
    ]


def test_a_declared_source_departs_from_the_defaults_where_it_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, FULL)["canteens"]

    assert found.url == "https://example.org/api"
    assert (found.slo("price"), found.slo("menu")) == (Slo(10, 20), Slo(1_800, 604_800))
    assert (every_seconds(found, "menu"), every_seconds(found, "stock")) == (0, 20)


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ("[sources", "sources.toml", "Expected"),
        ("", "sources", "{}"),
        ("[other]", "the file", "other"),
        ("sources = 3", "sources", "3"),
        ("[sources.Bad]\nkind = 'eat_api'", "sources.Bad", "Bad"),
        ("[sources.a]\nurl = 'http://h'", "sources.a.kind", "None"),
        ("[sources.a]\nkind = 'eat_api'\nurl = 'ftp://h'", "sources.a.url", "ftp://h"),
        ("[sources.a]\nkind = 'eat_api'\nurl = 'ftp://u:secret@h'", "sources.a.url", "'ftp://…@h'"),
        ("[sources.a]\nkind = 'eat_api'\nurl = 'http://h'\ncolour = 1", "sources.a", "colour"),
        (FULL.replace("= 10", "= 0"), "sources.canteens.slo.price.fresh_for_seconds", "0"),
        (FULL.replace("= 20", "= 9"), "sources.canteens.slo.price.stale_for_seconds", "9"),
        (FULL.replace("menu = 0", "menu = '5m'"), "sources.canteens.schedules.menu", "5m"),
    ],
)
def test_a_bad_declaration_names_the_place_and_the_value(tmp_path: Path, text: str, place: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)

    assert place in str(error.value)
    assert value in str(error.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (SourceSettings("a", "nobody", "http://h"), "(got 'nobody')"),
        (SourceSettings("a", "eat_api", "http://h", schedules={"x": 1}), "sources.a.schedules may hold only"),
        (SourceSettings("a", "eat_api", "http://h", {"speed": 1}), "sources.a.options must be empty"),
        (SourceSettings("a", "eat_api", "http://h", limits={"speed": 1}), "sources.a.limits may hold only"),
        (
            SourceSettings("a", "eat_api", "http://h", limits={"attempts": 0}),
            "sources.a.limits.attempts must be a whole number above 0",
        ),
    ],
)
def test_what_only_the_kind_of_source_knows_is_checked_when_it_is_opened(
    settings: SourceSettings, message: str
) -> None:
    with pytest.raises(SettingsError) as error:
        source_kind(settings).open(settings)

    assert message in str(error.value)
