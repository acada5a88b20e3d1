"""``larder serve`` where nothing can be written, as in a container with a read-only root file system."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.processes import LARDER, ask, free_port, surroundings, wait_for

# The namespace is the process's own: nobody else sees what is mounted in it.
READ_ONLY = """
mount --make-rprivate / && mount -t tmpfs tmpfs /var/tmp && mount -o remount,bind,ro / || exit 77
touch "$0" 2>/dev/null && exit 78
cd / && exec "$@"
"""


ONE_PLACE = "/var/tmp"  # noqa: S108 - a file system of the process's own
SECRET = {"LARDER_SECRET_KEY": "sixteen characters and more"}


def can_be_made() -> bool:
    if shutil.which("unshare") is None or sys.platform != "linux":
        return False
    line = ["unshare", "--mount", "sh", "-c", READ_ONLY, str(Path(__file__).with_suffix(".txt")), "true"]
    return subprocess.run(line, check=False, capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not can_be_made(), reason="no mount namespace can be made here: needs Linux and root"),
]


@contextmanager
def serving(database_url: str, **environment: str) -> Iterator[str]:
    port = free_port()
    given = {"LARDER_DATABASE_URL": database_url, "LARDER_DATA_DIR": "/var/lib/larder-of-nobody", "TMPDIR": ONE_PLACE}
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", READ_ONLY, "/larder-probe", LARDER, "serve", "--port", str(port)],
        env=surroundings({**given, "PYTHONDONTWRITEBYTECODE": "1", **environment}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/health/ready", process)
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_with_a_secret_of_its_own_a_gateway_writes_nothing(store: str) -> None:
    with serving(store, **SECRET) as url:
        assert ask(url, "{ locations(first: 1) { nodes { id } } }") == {"locations": {"nodes": []}}
        for path in ("/admin/login/", "/graphiql", "/metrics"):
            assert httpx2.get(f"{url}{path}").status_code == 200


def test_its_data_folder_is_all_that_several_processes_need(store: str) -> None:
    with serving(store, LARDER_DATA_DIR=f"{ONE_PLACE}/data", LARDER_WORKERS="2") as url:
        deadline = time.monotonic() + 30
        while "\nlarder_workers 2" not in (told := httpx2.get(f"{url}/metrics").text):
            assert time.monotonic() < deadline, told
            time.sleep(0.1)
