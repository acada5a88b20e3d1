"""The files of GraphiQL, built from ``web/`` and committed: each compressed once, by brotli, or as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import brotli  # type: ignore[import-untyped]

STATIC = Path(__file__).parent / "static"
PAGE = "index.html"
HASHED = "assets/"
"""The folder of files that have a hash of their content in their names."""

BROTLI = "br"
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".ttf": "font/ttf",
        ".txt": "text/plain; charset=utf-8",
        ".woff2": "font/woff2",
    }
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. name: in the address, such as ``assets/index-BKNb-cUj.js``. compressed: whether the file is."""

    name: str
    path: Path
    compressed: bool

    @property
    def media_type(self) -> str:
        """What it is, for ``Content-Type``."""
        return MEDIA_TYPES[Path(self.name).suffix]

    @property
    def hashed(self) -> bool:
        """Whether another content would have another name."""
        return self.name.startswith(HASHED)

    def encoding(self, accepted: str) -> str:
        """How it is sent to a client that accepts this encoding best: compressed, or ``""``."""
        return BROTLI if self.compressed and accepted == BROTLI else ""

    def read(self, encoding: str) -> bytes:
        """The bytes in an encoding of ``encoding``. Read each time: browsers keep them, so the process need not."""
        stored = self.path.read_bytes()
        if not self.compressed or encoding == BROTLI:
            return stored
        inflated: bytes = brotli.decompress(stored)
        return inflated


def assets_in(folder: Path = STATIC) -> dict[str, Asset]:
    """Every file but the page, by its name in the address."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != PAGE:
            compressed = name.endswith(f".{BROTLI}")
            name = name.removesuffix(f".{BROTLI}")
            found[name] = Asset(name, path, compressed)
    return found
