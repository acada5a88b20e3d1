"""Children are started, started again when they end, and stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from gateway.errors import GatewayError
from gateway.ports import free_port
from gateway.supervisor import Child, Supervisor, answers, status_is_ok

HOST, PATH = "127.0.0.1", "/canteens.json"


@pytest.fixture
async def said() -> list[str]:
    return []


@pytest.fixture
async def supervisor(said: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(said.append)
    yield supervisor
    await supervisor.stop()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - another process's doing, which sets no event
            await asyncio.sleep(0.02)


async def simulator(supervisor: Supervisor, port: int) -> Child:
    return await supervisor.launch("simulator", "simulate", "--port", str(port), "--quiet")


async def test_a_child_that_ends_is_reported_and_started_again(supervisor: Supervisor, said: list[str]) -> None:
    port = free_port()
    child = await simulator(supervisor, port)
    await answers(child, HOST, port, PATH)
    supervisor.keep(child)
    assert child.process is not None
    killed = child.process.pid

    os.kill(killed, signal.SIGKILL)

    await until(lambda: said)
    assert said == ["simulator ended with exit code -9; starting it again in 1 s"]
    await until(lambda: child.process and child.process.pid != killed)
    await answers(child, HOST, port, PATH)


async def test_stopping_leaves_no_child(supervisor: Supervisor, said: list[str]) -> None:
    port = free_port()
    child = await simulator(supervisor, port)
    await answers(child, HOST, port, PATH)
    supervisor.keep(child)

    await supervisor.stop()

    assert child.process is not None
    assert child.process.returncode == 0
    assert not await status_is_ok(HOST, port, PATH)
    assert said == []


async def test_a_child_that_ends_before_it_is_ready_fails_the_start(
    supervisor: Supervisor, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        child = await simulator(supervisor, port)
        assert child.process is not None
        await child.process.wait()

    with pytest.raises(GatewayError, match="simulator does not start: it ended with exit code 1"):
        await answers(child, HOST, port, PATH)
    assert "simulate: [Errno 98] error while attempting to bind" in capfd.readouterr().err


async def test_commands_run_to_their_end(supervisor: Supervisor) -> None:
    assert await supervisor.run("help", "simulate", "--help") == 0
    assert await supervisor.run("nonsense", "nonsense") == 2
