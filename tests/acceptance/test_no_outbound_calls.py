"""The serving process calls nobody but its store, whatever it is asked: whatever Python connects to is recorded."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.processes import ask, free_port, running
from tests.acceptance.test_supplier_faults import STOREFRONT
from tests.pantry import Pantry, stocked, storefront

RECORDER = '''
"""Loaded by Python before anything else: writes down every address that this process looks up or connects to."""
import os, sys
log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(log, b"armed" + chr(10).encode())
def record(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        os.write(log, (event + " " + repr(arguments[1:]) + chr(10)).encode())
sys.addaudithook(record)
'''

OPERATIONS = (
    "{ locations { totalCount nodes { name } } }",
    '{ search(text: "dessert") { nodes { name availability { state } } } }',
    "{ freshness { source concern status } }",
)


async def test_serving_opens_no_connection_but_the_stores(store: str, tmp_path: Path) -> None:
    def stock(pantry: Pantry) -> None:
        storefront(pantry, "corner")

    await stocked(stock)
    log = tmp_path / "connections"
    (tmp_path / "sitecustomize.py").write_text(RECORDER.format(log=str(log)))
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    with running(["serve"], f"{url}/health/ready", PORT=str(port), PYTHONPATH=str(tmp_path)):
        assert ask(url, STOREFRONT, {"slug": "corner"})["location"]["name"] == "Corner"
        for _ in range(20):
            ask(url, STOREFRONT, {"slug": "corner"})
            for operation in OPERATIONS:
                ask(url, operation)

    # libpq opens the store's connections below Python. What remains are those to Valkey's Unix socket.
    recorded = log.read_text().splitlines()
    assert recorded[0] == "armed"
    assert [line for line in recorded[1:] if not (line.startswith("socket.connect ('/") and "valkey" in line)] == []
