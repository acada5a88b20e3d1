"""Somebody on a connection of their own, who asks for something small all the time: ``python bystander.py URL``.

Prints the milliseconds of each answer, one a line, until its standard input ends.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from typing import BinaryIO
from urllib.parse import urlsplit

BODY = json.dumps({"query": '{ location(slug: "place-0") { id slug name } }'}).encode()
PAUSE_SECONDS = 0.01


def main() -> None:
    address = urlsplit(sys.argv[1])
    head = "POST /graphql HTTP/1.1\r\nhost: larder\r\ncontent-type: application/json\r\ncontent-length: "
    sent = head.encode() + str(len(BODY)).encode() + b"\r\n\r\n" + BODY
    with (
        socket.create_connection((address.hostname, address.port), timeout=60) as connection,
        connection.makefile("rb") as answers,
    ):
        while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
            began = time.perf_counter()
            connection.sendall(sent)
            received = one_of(answers)
            if b'"slug":"place-0"' not in received:
                raise SystemExit(f"the bystander was answered {received[:500]!r}")
            print(f"{(time.perf_counter() - began) * 1000:.3f}")  # noqa: T201 - what it is run for


def one_of(answers: BinaryIO) -> bytes:
    """The next answer's body, or what came in its place."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = answers.readline()
        if not line:
            return head
        head += line
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return answers.read(int(sizes[0].partition(b":")[2])) if sizes else head


if __name__ == "__main__":
    main()
