"""Where secrets are found, and that they are never told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync.credentials import Secret, read
from sync.errors import SettingsError
from sync.settings import SourceSettings

HUSH = "hush-hush"


def settings(**credentials: Any) -> SourceSettings:
    return SourceSettings("bakery", "http_json", "http://bakery.example", credentials=credentials)


def test_a_secret_is_found_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKERY_SECRET", f" {HUSH}\n")

    secret = Secret.read("sources.bakery.webhook", {"secret_env": "BAKERY_SECRET"}, "secret")

    assert secret is not None
    assert secret.reveal() == HUSH.encode()
    assert HUSH not in f"{secret!r} {secret}"


def test_a_secret_in_a_file_is_read_whenever_it_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"one\n")
    secret = Secret.needed("place", {"file": str(file)}, "")

    first = secret.reveal()
    file.write_bytes(b"two\n")

    assert (first, secret.reveal()) == (b"one", b"two")


def test_neither_is_none() -> None:
    assert Secret.read("place", {"header": "X"}, "secret") is None


def test_a_secret_that_is_not_there_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EMPTY", "")
    missing = str(tmp_path / "missing")
    cases = {
        "place.env must name a variable that is set and not empty (got 'NOWHERE')": {"env": "NOWHERE"},
        "place.env must name a variable that is set and not empty (got 'EMPTY')": {"env": "EMPTY"},
        f"place.file must be a readable file (No such file or directory) (got {missing!r})": {"file": missing},
    }
    for message, declared in cases.items():
        with pytest.raises(SettingsError) as caught:
            Secret.needed("place", declared, "").reveal()
        assert str(caught.value) == message


def test_a_secret_that_no_header_can_hold_is_refused_without_telling_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for bad in (f"{HUSH}\r\nX-Evil: 1", f"{HUSH}ä"):
        monkeypatch.setenv("BAD", bad)
        with pytest.raises(SettingsError) as caught:
            Secret.needed("place", {"env": "BAD"}, "").text()
        assert str(caught.value) == "place.env must lead to printable ASCII (got 'a value that is not shown')"


TOKENS = {"token_url": "http://t.example", "client_id": "larder", "client_secret_env": "S"}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "the secret itself": (
        {"header": "X-API-KEY", "key": HUSH},
        "credentials may hold only env, file, header (got 'key')",
    ),
    "the secret as a variable": (
        {"header": "X-API-KEY", "env": HUSH},
        "credentials.env must name a variable in capital letters (got 'a value that is not shown')",
    ),
    "the secret as a file": (
        {"bearer_file": HUSH},
        "credentials.bearer_file must be the absolute path of a file (got 'a value that is not shown')",
    ),
    "both": (
        {"header": "X", "env": "A", "file": "/b"},
        "credentials must hold env or file, not both (got 'env, file')",
    ),
    "neither": ({"header": "X"}, "credentials must hold env or file (got 'header')"),
    "no kind": (
        {"password": HUSH},
        (
            "credentials must hold one of header, bearer_env, bearer_file, basic_user, token_url, login_url "
            "(got 'password')"
        ),
    ),
    "no header": ({"header": "X Y", "env": "A"}, "credentials.header must be the name of a header (got 'X Y')"),
    "a user with a colon": (
        {"basic_user": "a:b", "basic_password_env": "A"},
        "credentials.basic_user must be a name without a colon (got 'a:b')",
    ),
    "no url": (
        {**TOKENS, "token_url": "t"},
        "credentials.token_url must be a URL starting with http:// or https:// (got 't')",
    ),
    "no client": ({**TOKENS, "client_id": ""}, "credentials.client_id must be a text (got '')"),
    "no client secret": (
        {"token_url": "http://t.example", "client_id": "larder"},
        "credentials must hold client_secret_env or client_secret_file (got 'token_url, client_id')",
    ),
    "a log-in without a client": (
        {"login_url": "http://t.example", "client_secret_env": "S"},
        "credentials.client_id must be a text (got '')",
    ),
    "a log-in with a scope": (
        {"login_url": "http://t.example", "client_id": "larder", "client_secret_env": "S", "scope": "menus"},
        "credentials may hold only client_id, client_secret_env, client_secret_file, login_url (got 'scope')",
    ),
    "a strange client_auth": (
        {**TOKENS, "client_auth": "mtls"},
        "credentials.client_auth must be one of basic, body (got 'mtls')",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_table_that_makes_no_sense_is_named_without_what_could_be_secret(case: str) -> None:
    declared, message = BAD[case]

    with pytest.raises(SettingsError) as caught:
        read(settings(**declared))

    assert str(caught.value) == f"sources.bakery.{message}"
    assert HUSH not in str(caught.value)
