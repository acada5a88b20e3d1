"""Where settings are made, and whom they let in."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.checking.environment import OUTSIDE, Environment
from gateway.checking.findings import Place
from gateway.checking.reachable import opened_by
from gateway.checking.suppliers import readable_on_the_way
from gateway.config import Config


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("# LARDER_DEBUG=on\nLARDER_DEBUG=off\nexport LARDER_DEBUG = 'on' # twice\nPORT=80\n")
    return Environment()


def test_a_setting_is_where_env_has_it_last(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARDER_DEBUG", "on")
    monkeypatch.setenv("PORT", "80")

    assert environment.place("debug") == Place(".env", 3)
    assert environment.place("port") == Place(".env", 4)


def test_a_setting_that_env_does_not_decide_is_the_environments(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LARDER_DEBUG", "1")

    assert environment.place("debug") == Place(OUTSIDE)
    assert environment.place("host") == Place(OUTSIDE)
    assert Environment(tmp_path / "none").place("debug") == Place(OUTSIDE)


@pytest.mark.parametrize(
    ("host", "names", "opened"),
    [
        ("127.0.0.1", ("localhost", "127.0.0.1", "[::1]", "shop.localhost"), None),
        ("::1", (), None),
        ("0.0.0.0", (), "host"),  # noqa: S104 - what is asked about
        ("10.0.0.7", ("menus.example",), "host"),
        ("localhost", ("localhost", "menus.example"), "allowed_hosts"),
        ("127.0.0.1", ("*",), "allowed_hosts"),
    ],
)
def test_others_are_let_in_by_an_address_or_a_name(host: str, names: tuple[str, ...], opened: str | None) -> None:
    assert opened_by(Config(host=host, allowed_hosts=names)) == opened


@pytest.mark.parametrize(
    ("url", "readable"),
    [
        ("http://issuer.example/keys", True),
        ("http://10.0.0.7:8080", True),
        ("https://issuer.example/keys", False),
        ("http://localhost:8000", False),
        ("http://[::1]:8000", False),
        (None, False),
    ],
)
def test_what_leaves_the_machine_without_encryption_can_be_read(url: str | None, readable: bool) -> None:
    assert readable_on_the_way(url) is readable
