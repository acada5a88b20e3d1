"""The settings: what is read from the environment, and what a bad one is answered with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.config import Config, read_config
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
        ("LARDER_MAX_TOKENS", "0", "input should be greater than or equal to 1 (got '0')"),
        ("LARDER_MAX_TOKENS", "50000", "input should be less than or equal to 20000 (got '50000')"),
        ("LARDER_MAX_DEPTH", "201", "input should be less than or equal to 200 (got '201')"),
        (
            "LARDER_MAX_DEPTH",
            "deep",
            "input should be a valid integer, unable to parse string as an integer (got 'deep')",
        ),
        ("LARDER_MAX_COST", "-1", "input should be greater than or equal to 0 (got '-1')"),
        ("LARDER_COST", "on", "input should be 'off', 'measure', 'warn' or 'enforce' (got 'on')"),
        ("LARDER_MAX_PAGE", "0", "input should be greater than or equal to 1 (got '0')"),
        ("LARDER_MAX_RESPONSE_BYTES", "10", "input should be greater than or equal to 1000 (got '10')"),
        ("LARDER_ACCESS_LOG", "often", "must be on, off, errors or a share from 0 to 1 (got 'often')"),
        ("LARDER_ACCESS_LOG", "1.5", "must be on, off, errors or a share from 0 to 1 (got '1.5')"),
        ("LARDER_ACCESS_LOG", "nan", "must be on, off, errors or a share from 0 to 1 (got 'nan')"),
        ("LARDER_LOG_FORMAT", "xml", "input should be 'json' or 'console' (got 'xml')"),
        ("LARDER_SLOW_SECONDS", "-1", "input should be greater than or equal to 0 (got '-1')"),
        ("LARDER_SLOW_SECONDS", "inf", "input should be a finite number (got 'inf')"),
        ("LARDER_METRICS", "public", "input should be 'off', 'loopback', 'scope' or 'on' (got 'public')"),
        ("LARDER_METRIC_OPERATIONS", "0", "input should be greater than or equal to 1 (got '0')"),
        ("LARDER_SENTRY_DSN", "https://sentry.example/1", "must be https://KEY@HOST/PROJECT"),
        ("LARDER_LANES", "0", "input should be greater than or equal to 1 (got '0')"),
        ("LARDER_LANES", "many", "input should be a valid integer, unable to parse string as an integer (got 'many')"),
        ("LARDER_PORT", "65536", "input should be less than or equal to 65535 (got '65536')"),
        ("LARDER_WORKERS", "0", "input should be greater than or equal to 1 (got '0')"),
        ("LARDER_HEADER_TIMEOUT", "0", "input should be greater than or equal to 0.1 (got '0')"),
        ("LARDER_DRAIN_SECONDS", "-1", "input should be greater than or equal to 0 (got '-1')"),
        ("LARDER_REQUEST_TIMEOUT", "nan", "input should be less than or equal to 300 (got 'nan')"),
        ("LARDER_REQUEST_TIMEOUT", "inf", "input should be less than or equal to 300 (got 'inf')"),
        ("LARDER_CONCURRENCY", "3", "input should be greater than or equal to 4 (got '3')"),
        ("LARDER_RATE_LIMITS", "many", "must be limits such as 100/second;5000/minute (got 'many')"),
        (
            "LARDER_RATE_LIMITS",
            "0/second",
            "must be limits of at least 1 request in at least 1 second (got '0/second')",
        ),
        (
            "LARDER_TRUSTED_PROXIES",
            "10.0.0.0/8,nginx",
            "must be addresses or networks such as 10.0.0.0/8, not nginx (got '10.0.0.0/8,nginx')",
        ),
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
        ("LARDER_COMPRESSION", "lzma", "must be off or some of zstd, br, gzip, each once (got 'lzma')"),
        ("LARDER_COMPRESSION", "br,br", "must be off or some of zstd, br, gzip, each once (got 'br,br')"),
        ("LARDER_DEFAULT_MAX_AGE", "-1", "input should be greater than or equal to 0 (got '-1')"),
        ("LARDER_PURGE_URL", "cdn.example", "must be a URL starting with http:// or https:// (got 'cdn.example')"),
        ("LARDER_SURROGATE_MAX_AGE", "60", "needs LARDER_PURGE_URL: nobody would tell the CDN of changes"),
        ("LARDER_PURGE_TOKEN", "hush", "has no effect without LARDER_PURGE_URL"),
        ("LARDER_PURGE_BATCH", "1", "input should be greater than or equal to 2 (got '1')"),
        (
            "LARDER_AUTHENTICATORS",
            "api-key,ldap",
            "must be none, or some of api-key, jwt, session and package.module:name, each once (got 'api-key,ldap')",
        ),
        ("LARDER_FACETS", "shop.facets", "must be package.module:function (got 'shop.facets')"),
        ("LARDER_VIEWER_SECONDS", "0", "input should be greater than or equal to 1 (got '0')"),
        ("LARDER_INTROSPECTION", "offf", "must be on, off or scope:NAME (got 'offf')"),
        ("LARDER_INTROSPECTION", "scope:", "must be on, off or scope:NAME (got 'scope:')"),
        ("LARDER_JWKS_URL", "file:///keys", "must be a URL starting with https:// or http:// (got 'file:///keys')"),
        ("LARDER_JWT_KEYS", "/nowhere.json", "no such file: /nowhere.json (got '/nowhere.json')"),
        (
            "LARDER_JWT_ALGORITHMS",
            "RS256,HS256",
            "must be some of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA (got 'RS256,HS256')",
        ),
        ("LARDER_JWT_FACETS", "audience", "must be facet=claim, separated by commas (got 'audience')"),
        ("LARDER_BATCHING", "101", "input should be less than or equal to 100 (got '101')"),
        ("LARDER_MAX_BODY_BYTES", "10", "input should be greater than or equal to 1000 (got '10')"),
        ("LARDER_MAX_QUERY_BYTES", "10", "input should be greater than or equal to 1000 (got '10')"),
        (
            "LARDER_CORS_ORIGINS",
            "https://shop.example/",
            "must be origins like https://shop.example, or *, not 'https://shop.example/' (got 'https://shop.example/')",
        ),
        (
            "LARDER_CORS_ORIGINS",
            "https://a.example,null",
            "must be origins like https://shop.example, or *, not 'null' (got 'https://a.example,null')",
        ),
        (
            "LARDER_CORS_ORIGINS",
            "*,https://a.example",
            "* admits every origin: leave out the others (got '*,https://a.example')",
        ),
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


@pytest.mark.parametrize("origins", ["", "*"])
def test_credentials_for_whoever_asks_are_refused(monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    monkeypatch.setenv("LARDER_CORS_ORIGINS", origins)
    monkeypatch.setenv("LARDER_CORS_CREDENTIALS", "on")

    with pytest.raises(ConfigError, match="LARDER_CORS_CREDENTIALS: needs LARDER_CORS_ORIGINS to name the origins"):
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


def test_compression_can_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARDER_COMPRESSION", "off")

    assert read_config().compression == ()


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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "LARDER_JWT_ISSUER: is needed to verify tokens"),
        ({"LARDER_JWT_ISSUER": "https://a.example"}, "LARDER_JWT_AUDIENCE: is needed to verify tokens"),
        ({"LARDER_JWT_KEYS": "keys.json"}, "LARDER_JWT_KEYS: has no effect beside LARDER_JWKS_URL"),
    ],
)
def test_tokens_are_verified_wholly_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    (tmp_path / "keys.json").touch()
    monkeypatch.setenv("LARDER_JWKS_URL", "https://a.example/keys")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError, match=message):
        read_config()


def test_somebody_may_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARDER_AUTHENTICATORS", "none")
    assert read_config().authenticators == ()

    monkeypatch.setenv("LARDER_ANONYMOUS", "off")
    with pytest.raises(ConfigError, match="LARDER_ANONYMOUS: has to be on where LARDER_AUTHENTICATORS is none"):
        read_config()


def test_no_group_takes_the_place_of_another_groups_checks() -> None:
    groups = [group for group in Config.__bases__ if issubclass(group, BaseModel)]
    names = [name for group in groups for name in checks(group)]

    assert sorted(names) == sorted(set(names))


def checks(group: type[BaseModel]) -> set[str]:
    """Names of the validators that a group declares."""
    decorators = group.__pydantic_decorators__
    return {*decorators.field_validators, *decorators.model_validators}
