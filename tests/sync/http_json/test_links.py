"""The address of the next page, as long as it lies below the source's own."""

from __future__ import annotations

import pytest

from sync.errors import DocumentRefused
from sync.sources.http_json.links import next_link, path_below


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('<https://a.example/x?page=2>; rel="next"', "https://a.example/x?page=2"),
        ('<https://a.example/x,y;z>; title="a, b; c"; rel=next', "https://a.example/x,y;z"),
        ('</1>; rel="prev", </3>; rel="last next"', "/3"),
        ('</1>; rel="next-archive"', None),
        ('</1>; rev="next"', None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_next_link_is_read_as_rfc_8288_says(header: str, address: str | None) -> None:
    assert next_link({"link": header}) == address


URL = "https://shop.example/api/v1"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (f"{URL}/things?page=2", "things?page=2"),
        ("https://SHOP.example:443/api/v1/things?page=2", "things?page=2"),
        ("/api/v1/things?page=2", "things?page=2"),
        ("?page=2", "things?page=2"),
        ("others?page=2", "others?page=2"),
    ],
)
def test_a_next_address_below_the_url_is_followed(address: str, path: str) -> None:
    assert path_below(URL, "things", address) == path


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example/api/v1/things",
        "https://shop.example.evil.example/api/v1/things",
        "https://shop.example:8443/api/v1/things",
        "https://user@shop.example/api/v1/things",
        "https://shop.example/api/v1/../admin",
        "https://shop.example/api/v1/%2e%2e/admin",
        "https://shop.example/api/v10/things",
        "/other",
        "//evil.example/api/v1/things",
        "https:\\\\evil.example/api/v1",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
def test_a_next_address_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(DocumentRefused, match="must lie below the source's url"):
        path_below(URL, "things", address)
