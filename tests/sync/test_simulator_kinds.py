from __future__ import annotations

from pathlib import Path

import pytest

from sync.simulators.deliveries import deliver
from sync.simulators.errors import KindUnknown, OptionUnreadable, RecordingUnreadable
from sync.simulators.http import Exchange, Receive, Scope, Send, json_answer
from sync.simulators.kinds import KINDS, open_supply
from sync.simulators.server import running
from sync.simulators.supply import utc_now


def test_a_kind_is_opened_with_its_options() -> None:
    assert open_supply("eat_api", {"seed": "7", "canteens": "2"}).describe() == {
        "mode": "generated",
        "seed": 7,
        "revision": 0,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_anatomy_and_tells_of_itself(kind: str) -> None:
    supply = open_supply(kind, {})

    assert supply.anatomy.prices
    assert supply.describe()["mode"]
    assert supply.now().tzinfo is not None
    assert supply.actions()


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(KindUnknown, match=r"must be one of eat_api, .*, not 'sweets'"):
        open_supply("sweets", {})
    with pytest.raises(OptionUnreadable, match=r"options of eat_api: Expected `int`, got `str` - at `\$.seed`"):
        open_supply("eat_api", {"seed": "one"})
    with pytest.raises(OptionUnreadable, match="unknown field `sede`"):
        open_supply("eat_api", {"sede": "1"})
    with pytest.raises(RecordingUnreadable, match=str(tmp_path)):
        open_supply("eat_api", {"replay": str(tmp_path)})


async def test_a_delivery_arrives_as_it_was_sent() -> None:
    seen: list[Exchange] = []

    async def taken(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(await Exchange.read(scope, receive, send, utc_now()))
        await seen[0].answer(json_answer(202, {}))

    async with running(taken) as url:
        status = await deliver(f"{url}/hooks/x?y=1", b'{"a": 1}', {"X-Signature": "abc"})

    assert status == 202
    [got] = seen
    assert (got.method, got.target, got.query, got.body) == ("POST", "/hooks/x?y=1", {"y": "1"}, b'{"a": 1}')
    assert (got.headers["x-signature"], got.headers["content-type"]) == ("abc", "application/json")


async def test_a_delivery_that_nobody_takes_is_no_error() -> None:
    assert await deliver("http://127.0.0.1:1/hooks", b"{}", {}) == 0
