"""``python -m gateway`` is ``larder``."""

from __future__ import annotations

from gateway.cli import main

main()
