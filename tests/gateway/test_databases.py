from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from gateway.databases import database_url, django_database
from gateway.errors import ConfigError


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:p%40ss%20word@db.example:5433/shop?sslmode=require",
        "postgresql:///shop?host=/run/postgresql",
        "postgresql://a,b/shop?target_session_attrs=read-write",
    ],
)
def test_an_address_survives_the_way_through_django(url: str) -> None:
    assert conninfo_to_dict(database_url(django_database(url))) == conninfo_to_dict(url)


def test_options_that_are_djangos_are_left_out() -> None:
    database = {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": "shop",
        "PORT": "",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {"pool": True, "isolation_level": 1, "sslmode": "disable"},
    }

    assert conninfo_to_dict(database_url(database)) == {"dbname": "shop", "sslmode": "disable"}


def test_another_database_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"DATABASES: must be a PostgreSQL \(got 'django\.db\.backends\.sqlite3'\)"):
        database_url({"ENGINE": "django.db.backends.sqlite3", "NAME": "x"})
