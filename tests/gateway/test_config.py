"""The settings: what is read from the environment, and what a bad one is answered with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.config import read_config
from gateway.databases import django_database
from gateway.errors import ConfigError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("LARDER_") or name == "PORT":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_settings_everything_is_embedded_in_the_working_directory(tmp_path: Path) -> None:
    config = read_config()

    assert config.data_dir == tmp_path / ".larder"
    assert config.embedded_database
    assert config.redis_url is None
    assert (config.host, config.port) == ("127.0.0.1", 8000)


def test_a_named_database_is_not_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARDER_DATABASE_URL", "postgresql://me@db.example/larder")

    config = read_config()

    assert config.database_url == "postgresql://me@db.example/larder"
    assert not config.embedded_database


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARDER_REDIS_URL", "")
    monkeypatch.setenv("LARDER_LANES", "")

    assert read_config().redis_url is None
    assert read_config().lanes == 8


def test_the_larder_port_precedes_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8001")
    assert read_config().port == 8001

    monkeypatch.setenv("LARDER_PORT", "8002")
    assert read_config().port == 8002


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARDER_APPS", "shop, shop.billing,")

    assert read_config().apps == ("shop", "shop.billing")


@pytest.mark.parametrize(("text", "value"), [("on", True), ("off", False), ("1", True), ("false", False)])
def test_switches(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("LARDER_GUARDS", text)

    assert read_config().guards is value


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("LARDER_DATABASE_URL", "mysql://db/larder", "must be a URL starting with postgresql://"),
        ("LARDER_DATABASE_URL", "postgresql://me:secret@db/larder?pool=1", 'invalid URI query parameter: "pool"'),
        ("LARDER_REDIS_URL", "localhost:6379", "must be a URL starting with redis://, rediss:// or unix://"),
        ("LARDER_SECRET_KEY", "short", "string should have at least 16 characters"),
        ("LARDER_SUPPLIER_URL", "ftp://x", "must be a URL starting with http:// or https:// (got 'ftp://x')"),
        ("LARDER_SOURCES", "/nowhere.toml", "no such file: /nowhere.toml (got '/nowhere.toml')"),
        ("LARDER_TARGETS", "targets", "must be package.module.NAME (got 'targets')"),
        ("LARDER_SCHEMA", "shop.graphql", "must be package.module:name (got 'shop.graphql')"),
        ("LARDER_SYNC", "perhaps", "input should be a valid boolean, unable to interpret input (got 'perhaps')"),
        ("LARDER_LANES", "0", "input should be greater than or equal to 1 (got '0')"),
        ("LARDER_LANES", "many", "input should be a valid integer, unable to parse string as an integer (got 'many')"),
        ("LARDER_PORT", "65536", "input should be less than or equal to 65535 (got '65536')"),
        (
            "LARDER_DOCUMENTS",
            "closed",
            "input should be 'open', 'log-unknown', 'safelist' or 'ids-only' (got 'closed')",
        ),
        (
            "LARDER_DOCUMENT_PROTOCOLS",
            "apollo,relay,apollo",
            "must be some of document-id, apollo, relay, hot-chocolate, each once (got 'apollo,relay,apollo')",
        ),
        (
            "LARDER_DOCUMENT_PROTOCOLS",
            "soap",
            "must be some of document-id, apollo, relay, hot-chocolate, each once (got 'soap')",
        ),
        ("LARDER_DATABASE_DIRECT_URL", "db.example", "must be a URL starting with postgresql://"),
        ("LARDER_DEVELOPER_KEY", "short", "string should have at least 16 characters"),
        ("LARDER_PUSH_TOKEN", "short", "string should have at least 16 characters"),
        ("PORT", "http", "input should be a valid integer, unable to parse string as an integer (got 'http')"),
    ],
)
def test_a_bad_value_is_named_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(setting, value)

    with pytest.raises(ConfigError) as caught:
        read_config()

    assert str(caught.value) == f"{setting}: {reason}"


def test_a_supplier_beside_declared_sources_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    declared = tmp_path / "sources.toml"
    declared.touch()
    monkeypatch.setenv("LARDER_SOURCES", str(declared))
    monkeypatch.setenv("LARDER_SUPPLIER_URL", "http://supplier.example")

    with pytest.raises(ConfigError, match="LARDER_SUPPLIER_URL: has no effect beside LARDER_SOURCES"):
        read_config()


@pytest.mark.parametrize(
    ("mode", "apq"), [("open", True), ("log-unknown", True), ("safelist", False), ("ids-only", False)]
)
def test_texts_are_registered_only_where_texts_run(monkeypatch: pytest.MonkeyPatch, mode: str, apq: bool) -> None:
    monkeypatch.setenv("LARDER_DOCUMENTS", mode)

    assert read_config().apq is apq


@pytest.mark.parametrize(("setting", "value"), [("LARDER_APQ", "on"), ("LARDER_REGISTRY", "off")])
@pytest.mark.parametrize("mode", ["safelist", "ids-only"])
def test_what_contradicts_the_mode_is_refused(
    monkeypatch: pytest.MonkeyPatch, mode: str, setting: str, value: str
) -> None:
    monkeypatch.setenv("LARDER_DOCUMENTS", mode)
    monkeypatch.setenv(setting, value)

    with pytest.raises(ConfigError, match=f"{setting}: has to be (on|off) where LARDER_DOCUMENTS is {mode}"):
        read_config()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARDER_DATABASE_URL", "postgresql://me:hush@db/larder")
    monkeypatch.setenv("LARDER_DATABASE_DIRECT_URL", "postgresql://me:hush@db/larder")
    for setting in ("LARDER_SECRET_KEY", "LARDER_DEVELOPER_KEY", "LARDER_PUSH_TOKEN"):
        monkeypatch.setenv(setting, "hush" * 8)

    assert "hush" not in repr(read_config())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://me:p%40ss@db.example:5433/larder?sslmode=require",
            {
                "NAME": "larder",
                "USER": "me",
                "PASSWORD": "p@ss",
                "HOST": "db.example",
                "PORT": "5433",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        ("postgresql:///larder?host=/run/pg", {"NAME": "larder", "HOST": "/run/pg", "OPTIONS": {}}),
        ("postgres://%2Frun%2Fpg/larder", {"NAME": "larder", "HOST": "/run/pg", "OPTIONS": {}}),
        ("postgresql://a:1,b:2/larder", {"NAME": "larder", "HOST": "a,b", "PORT": "1,2", "OPTIONS": {}}),
    ],
)
def test_django_reads_addresses_as_libpq_does(url: str, expected: dict[str, object]) -> None:
    assert django_database(url) == {"ENGINE": "django.db.backends.postgresql", **expected}
