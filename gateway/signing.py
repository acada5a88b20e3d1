"""The secret that signs Django's sessions when LARDER_SECRET_KEY gives none."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def stored_secret(data_dir: Path) -> str:
    """The secret kept in ``data_dir``, the same for every process over it; made at the first call."""
    path = data_dir / "secret-key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        draft = data_dir / f"secret-key.{os.getpid()}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - Path.open has no mode bits
            file.write(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")
