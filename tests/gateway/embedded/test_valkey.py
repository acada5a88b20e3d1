"""The embedded Valkey: started, adopted, killed, started again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import redis

from gateway.embedded.valkey import EmbeddedValkey


def test_it_answers_on_a_private_socket(data: Path) -> None:
    server = EmbeddedValkey(data)
    server.start()

    with redis.Redis.from_url(server.url) as client:
        assert client.ping()
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("save") == {"save": ""}
    server.stop()

    assert not server.running()


def test_a_server_that_runs_is_adopted_and_left_to_its_owner(data: Path) -> None:
    owner, guest = EmbeddedValkey(data), EmbeddedValkey(data)
    owner.start()
    guest.start()

    assert (owner.adopted, guest.adopted) == (False, True)
    guest.stop()
    assert owner.running()
    owner.stop()
    assert not guest.running()


def test_a_killed_server_does_not_block_the_next(data: Path) -> None:
    killed, following = EmbeddedValkey(data), EmbeddedValkey(data)
    killed.start()
    with redis.Redis.from_url(killed.url) as client:
        os.kill(client.info("server")["process_id"], signal.SIGKILL)

    following.start()

    assert following.running()
    assert not following.adopted
    killed.stop()
    following.stop()
