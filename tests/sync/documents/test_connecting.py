"""Where a source may connect to."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest

from sync.documents import Documents, Limits, Wanted
from sync.documents.live import Live
from sync.errors import DocumentRefused
from sync.politeness.memory import MemoryAllowances
from tests.sync.answering import Answering, Reply


class Names:
    """Resolves every name to ``addresses``; refuses those in ``private``."""

    def __init__(self, *addresses: str, private: Sequence[str] = ()) -> None:
        self.addresses = addresses
        self.private = private
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        if host in self.private:
            raise DocumentRefused("a host must have public addresses only", host)
        return self.addresses


def documents(server: Answering, names: Names) -> Documents:
    url = f"http://bakery.example:{urlsplit(server.url).port}"
    limits = Limits(attempts=1)
    return Documents(url, limits, transport=Live(url, limits, MemoryAllowances(), addresses=names))


async def test_the_checked_address_is_connected_to_under_the_hosts_name(server: Answering) -> None:
    server.replies["/menu"] = Reply()
    names, port = Names("127.0.0.1"), urlsplit(server.url).port

    async with documents(server, names) as asking:
        document = await asking.get(Wanted("menu"))

    assert document.body == b"[]"
    assert server.asked[0].headers["host"] == f"bakery.example:{port}"
    assert names.asked == [("bakery.example", port)]


async def test_another_address_is_tried_when_one_cannot_be_reached(server: Answering) -> None:
    server.replies["/menu"] = Reply()

    async with documents(server, Names("127.9.9.9", "127.0.0.1")) as asking:
        document = await asking.get(Wanted("menu"))

    assert document.body == b"[]"


async def test_a_refused_host_is_not_connected_to(server: Answering) -> None:
    async with documents(server, Names("127.0.0.1", private=["bakery.example"])) as asking:
        with pytest.raises(DocumentRefused, match=r"a host must have public addresses only: bakery\.example"):
            await asking.get(Wanted("menu"))

    assert server.asked == []


async def test_a_body_is_posted_to_the_checked_address(server: Answering) -> None:
    server.replies["/search"] = Reply()

    async with documents(server, Names("127.0.0.1")) as asking:
        await asking.get(Wanted("search", method="POST", content=b"{}"))

    assert server.asked[0].body == b"{}"


async def test_cookies_are_not_sent_back(server: Answering) -> None:
    server.replies["/menu"] = Reply(headers={"Set-Cookie": "session=1; Path=/"})

    async with Documents(server.url, Limits()) as asking:
        for _ in range(2):
            await asking.get(Wanted("menu"))

    assert ["cookie" in asked.headers for asked in server.asked] == [False, False]
