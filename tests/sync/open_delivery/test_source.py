from __future__ import annotations

from typing import Any

import pytest

from sync.errors import SettingsError
from sync.settings import SourceSettings
from sync.sources import every_seconds, streams_of
from sync.sources.open_delivery.source import OpenDelivery


def source(**options: Any) -> OpenDelivery:
    return OpenDelivery(SourceSettings("plaza", "open_delivery", "http://supplier.example", options=options))


def test_it_has_one_stream_of_all_concerns() -> None:
    settings = SourceSettings("plaza", "open_delivery", "http://supplier.example")

    assert {name: stream.concerns for name, stream in streams_of(settings).items()} == {
        "merchant": ("menu", "price", "availability")
    }
    assert every_seconds(settings, "merchant") == 250


def test_without_options_the_document_is_where_the_specification_has_it() -> None:
    wish = source().wish

    assert (wish.path, wish.merchant, wish.reading.timezone, wish.reading.language) == (
        "v1/merchant",
        None,
        "UTC",
        "pt",
    )


def test_options_say_what_the_document_does_not() -> None:
    wish = source(path="stores/7", merchant_id="m", timezone="America/Manaus", language="pt-BR", currency="BRL").wish

    assert (wish.path, wish.merchant) == ("stores/7", "m")
    assert (wish.reading.timezone, wish.reading.language, wish.reading.currency) == ("America/Manaus", "pt-BR", "BRL")


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("colour", "red", "may hold only app_id, currency, language, merchant_id, path, slug, timezone"),
        ("path", "/v1/merchant", "must be a path relative to the url"),
        ("path", 3, "must be a path relative to the url"),
        ("timezone", "Brazil", "must be an IANA name of a time zone"),
        ("timezone", "../etc/passwd", "must be an IANA name of a time zone"),
        ("language", "portuguese", "must be a language code such as pt or pt-BR"),
        ("currency", "real", "must be an ISO 4217 code"),
        ("slug", "a b", "must be letters, digits, - and _"),
        ("merchant_id", "", "must be the id of a merchant"),
        ("app_id", 7, "must be the id of an ordering application"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(name: str, value: Any, rule: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        source(**{name: value})

    assert rule in str(refusal.value)
    assert "sources.plaza.options" in str(refusal.value)
