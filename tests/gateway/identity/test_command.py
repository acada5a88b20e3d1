"""``larder keys`` as its users call it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from gateway.cli import main

Larder = Callable[..., tuple[int, str, str]]


@pytest.fixture
def larder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Larder:
    """Runs a command where nobody is looking. Returns: exit code, output and errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["larder", "keys", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        output, errors = capsys.readouterr()
        return int(ended.value.code or 0), output, errors

    return run


def answered(larder: Larder, *arguments: str) -> Any:
    code, output, errors = larder(*arguments)
    assert code == 0, errors
    return json.loads(output)


def test_a_key_from_its_making_to_its_end(store: str, larder: Larder) -> None:
    made = answered(
        larder, "create", "kiosk", "--scope", "a", "--scope", "b:c", "--facet", "audience=STUDENTS", "--expires", "90d"
    )
    rotated = answered(larder, "rotate", "kiosk", "--overlap", "2h")
    listed = answered(larder, "list")
    revoked = answered(larder, "revoke", "kiosk")

    assert made["key"].startswith(f"lk_{made['id']}_")
    assert [(key["id"], key["state"]) for key in listed] == [(rotated["id"], "good"), (made["id"], "good")]
    assert [(key["scopes"], key["facets"]) for key in listed] == [(["a", "b:c"], {"audience": "STUDENTS"})] * 2
    assert "key" not in listed[0]
    assert made["key"].rpartition("_")[2] not in json.dumps(listed)
    assert revoked == {"revoked": sorted([made["id"], rotated["id"]])}
    assert [key["state"] for key in answered(larder, "list", "kiosk")] == ["revoked", "revoked"]
    assert answered(larder, "list", "nobody") == []


def test_one_key_of_several_is_revoked_by_its_id(store: str, larder: Larder) -> None:
    made = answered(larder, "create", "kiosk")
    answered(larder, "rotate", "kiosk")

    answered(larder, "revoke", made["id"])

    assert [key["state"] for key in answered(larder, "list")] == ["good", "revoked"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["create", "a key"], 2, "up to 64 letters, digits, dots, dashes and underscores (got 'a key')"),
        (["create", "kiosk", "--expires", "soon"], 2, "such as 90d (got 'soon')"),
        (["create", "kiosk", "--scope", "a b"], 2, "one scope without blanks (got 'a b')"),
        (["create", "kiosk", "--facet", "audience"], 2, "name=value, such as audience=STUDENTS (got 'audience')"),
        (["rotate", "kiosk"], 1, "kiosk has no key that is good: create one"),
        (["revoke", "kiosk"], 1, "kiosk has no key that is good"),
    ],
)
def test_what_cannot_be_done_is_told(store: str, larder: Larder, arguments: list[str], code: int, message: str) -> None:
    found, output, errors = larder(*arguments)

    assert (found, output) == (code, "")
    assert message in " ".join(errors.replace("│", " ").split())
