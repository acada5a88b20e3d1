"""Suppliers live at public addresses, whatever their names say."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import pytest

from sync.documents import Limits, Wanted, open_documents
from sync.errors import DocumentRefused
from sync.politeness.addresses import RULE, is_public, public_addresses
from sync.politeness.memory import MemoryAllowances
from sync.settings import SourceSettings
from tests.sync.supplier import Supplier

HOME = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "127.9.9.9", "0.0.0.0", "100.64.0.1"]  # noqa: S104
CLOUDS = ["169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"]
OTHERS = ["192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "2001:db8::1", "ff02::1"]
HOME6 = ["::", "::1", "fe80::1", "fc00::1", "fec0::1"]
WRAPPED = ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::"]
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", [*HOME, *CLOUDS, *OTHERS, *HOME6, *WRAPPED])
def test_an_address_inside_a_network_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1", "0"]
)
async def test_every_way_to_write_a_private_address_is_refused(host: str) -> None:
    with pytest.raises(DocumentRefused) as caught:
        await public_addresses(host, 80)

    assert caught.value.rule == RULE


def naming(monkeypatch: pytest.MonkeyPatch, answers: Sequence[Sequence[str]]) -> list[str]:
    """A resolver that gives one answer after another. Returns the names asked for."""
    asked: list[str] = []
    waiting = list(answers)

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        addresses = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


async def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    naming(monkeypatch, [["8.8.8.8", "10.0.0.7"]])

    with pytest.raises(DocumentRefused) as caught:
        await public_addresses("shop.example", 443)

    assert caught.value.value == "shop.example is 10.0.0.7"


async def test_the_connection_goes_to_the_address_that_was_checked(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = supplier.url.rpartition(":")[2]
    checked: list[str] = []

    async def check(host: str, _port: int) -> Sequence[str]:
        checked.append(host)
        return ["127.0.0.1"]

    # Whoever asks the resolver once more is sent elsewhere.
    naming(monkeypatch, [["192.0.2.1"]])
    settings = SourceSettings("shop", "http_json", f"http://shop.example:{port}")
    limits = Limits(attempts=1, request_seconds=5)

    async with open_documents(settings, limits, MemoryAllowances(), addresses=check) as documents:
        document = await documents.get(Wanted("stock.json"))

    assert document.body == b"[]"
    assert checked == ["shop.example"]


async def test_a_name_that_leads_home_is_not_asked(supplier: Supplier, monkeypatch: pytest.MonkeyPatch) -> None:
    naming(monkeypatch, [["127.0.0.1"]])
    settings = SourceSettings("shop", "http_json", supplier.url.replace("127.0.0.1", "shop.example"))
    limits = Limits(attempts=3, request_seconds=5)

    async with open_documents(settings, limits, MemoryAllowances(), addresses=public_addresses) as documents:
        with pytest.raises(DocumentRefused, match="must have a public address"):
            await documents.get(Wanted("stock.json"))

    assert supplier.asked == []
