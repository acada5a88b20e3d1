"""Whether ``/graphiql`` is served: the setting, and what it follows where nobody has set it."""

from __future__ import annotations

import pytest

from gateway.banner import banner
from gateway.config import read_config
from gateway.development import Development
from gateway.graphiql.app import GraphiQLApp
from tests.registered import configured


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        ({}, True),
        ({"INTROSPECTION": "off"}, False),
        ({"INTROSPECTION": "scope:larder:introspect"}, False),
        ({"DOCUMENTS": "log-unknown"}, True),
        ({"DOCUMENTS": "safelist"}, False),
        ({"DOCUMENTS": "ids-only"}, False),
        ({"GRAPHIQL": "off"}, False),
        ({"GRAPHIQL": "on", "INTROSPECTION": "off", "DOCUMENTS": "safelist"}, True),
    ],
)
def test_it_is_served_where_anybody_may_read_the_schema_and_run_texts(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], served: bool
) -> None:
    gateway = configured(monkeypatch, **settings)

    assert isinstance(gateway.app_at("/graphiql"), GraphiQLApp) is served
    assert isinstance(gateway.app_at("/graphiql/assets/x.js"), GraphiQLApp) is served
    assert not isinstance(gateway.app_at("/graphiqlx"), GraphiQLApp)


def test_its_examples_are_those_of_the_shipped_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    app = configured(monkeypatch).app_at("/graphiql")

    assert isinstance(app, GraphiQLApp)
    assert b"query Storefront" in app.page


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, {"COST_EXTENSION", "PLAN_EXPLAIN", "SERVER_TIMING"}),
        ({"PLAN_EXPLAIN": "off", "SERVER_TIMING": "off"}, {"COST_EXTENSION"}),
        ({"HOST": "0.0.0.0"}, set()),  # noqa: S104 - nothing listens
    ],
)
def test_larder_dev_explains_requests_to_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], told: set[str]
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"LARDER_{name}", value)

    development = Development(read_config(), print)

    assert development._told == {f"LARDER_{name}": "on" for name in told}


@pytest.mark.parametrize("served", ["on", "off"])
def test_larder_dev_names_it_where_it_is_served(monkeypatch: pytest.MonkeyPatch, served: str) -> None:
    monkeypatch.setenv("LARDER_GRAPHIQL", served)

    assert ("http://127.0.0.1:8000/graphiql\n" in banner(read_config(), 1.0)) is (served == "on")
