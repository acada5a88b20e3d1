"""Every setting is documented, with its default, and nothing else is."""

from __future__ import annotations

import enum
import re
from pathlib import Path

from gateway.config import Config, setting_names

ROOT = Path(__file__).parents[2]


def documented() -> dict[str, str]:
    """Setting to what its row says of its default."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", text, re.MULTILINE))


def test_every_setting_is_documented() -> None:
    assert set(documented()) == {setting_names(field)[0] for field in Config.model_fields}


def test_defaults_are_told_as_they_are() -> None:
    said = documented()
    for name, field in Config.model_fields.items():
        if isinstance(field.default, bool):
            expected = "`on`" if field.default else "`off`"
        elif isinstance(field.default, int):
            expected = str(field.default)
        elif isinstance(field.default, enum.Enum):
            expected = f"`{field.default.value}`"
        elif isinstance(field.default, tuple) and field.default:
            expected = f"`{','.join(field.default)}`"
        elif isinstance(field.default, (str, Path)):
            expected = f"`{field.default}`"
        else:
            continue
        assert said[setting_names(name)[0]] == expected
