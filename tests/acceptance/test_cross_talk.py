"""Nobody is answered with what belongs to somebody else, whatever is shared between them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx2
import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from psycopg.types.json import Jsonb

from gateway.identity import keys
from tests.acceptance.cross_talk import WHOSE, Crowd, Identity, Tally, move_prices, stock
from tests.acceptance.processes import free_port, running
from tests.gateway.identity.issuer import AUDIENCE, ISSUER, ec_key, token
from tests.pantry import stocked

REQUESTS = int(os.environ.get("CROSS_TALK_REQUESTS", "20000"))
ISSUED = ec_key("one")


def settings(folder: Path, port: int, **more: str) -> dict[str, str]:
    """A gateway with every cache and everything that is shared, and keys of an issuer."""
    published = folder / "keys.json"
    published.write_text(json.dumps({"keys": [ISSUED.published]}))
    return {
        "PORT": str(port),
        "LARDER_JWT_KEYS": str(published),
        "LARDER_JWT_ISSUER": ISSUER,
        "LARDER_JWT_AUDIENCE": AUDIENCE,
        "LARDER_JWT_FACETS": "audience=member",
        "LARDER_BATCHING": "10",
        # Whoever is sent away gets nobody's answer.
        "LARDER_ADMISSION": "off",
        **more,
    }


async def everybody(database_url: str) -> Sequence[Identity]:
    """A key of a student, a token of the staff, a session of a guest, and nobody."""
    await stocked(stock)
    user, cookie = await sync_to_async(log_in)()
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as administering:
        key = await keys.create(administering, "kiosk", [], {"audience": "STUDENTS"}, None)
        await administering.execute(
            "INSERT INTO larder_viewer (subject, facets) VALUES (%s, %s)",
            [f"user:{user}", Jsonb({"audience": "GUESTS"})],
        )
    return [
        Identity("student", {"x-api-key": key.key}, WHOSE["STUDENTS"]),
        Identity("staff", {"authorization": f"Bearer {token(ISSUED, {'member': 'STAFF'})}"}, WHOSE["STAFF"]),
        Identity("guest", {"cookie": f"sessionid={cookie}"}, WHOSE["GUESTS"]),
        Identity("anonymous", {}, WHOSE["GUESTS"]),
    ]


def log_in() -> tuple[int, str]:
    User.objects.all().delete()
    user, client = User.objects.create_user("guest"), Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    connection.close()
    return user.pk, cookie


async def asked(store: str, tmp_path: Path, requests: int, **more: str) -> Tally:
    """What becomes of so many requests to ``larder serve``, while prices change."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    identities = await everybody(store)
    with running(["serve"], f"{url}/health/ready", **settings(tmp_path, port, **more)):
        moving = asyncio.create_task(move_prices(store))
        limits = httpx2.Limits(max_connections=16)
        async with httpx2.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
            tally = await Crowd(client, identities, batches=True).ask(requests)
        assert not moving.done()
        moving.cancel()
        with suppress(asyncio.CancelledError):
            await moving
    print(tally)  # noqa: T201 - the figures that the test is run for
    return tally


@pytest.mark.parametrize("requests", [600, pytest.param(REQUESTS, marks=pytest.mark.slow)])
async def test_everybody_gets_their_own_answer(store: str, tmp_path: Path, requests: int) -> None:
    tally = await asked(store, tmp_path, requests)

    assert tally.foreign == []
    assert tally.lost == {}
    assert tally.right + tally.hung_up == tally.asked == requests


@pytest.mark.slow
async def test_a_cache_that_forgets_whose_an_answer_is_is_found_out(store: str, tmp_path: Path) -> None:
    tally = await asked(store, tmp_path, 600, LARDER_APPS="tests.acceptance.forgetful")

    assert tally.foreign
