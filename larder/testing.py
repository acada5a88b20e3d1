"""What an application's tests count statements with: docs/statements.md."""

from __future__ import annotations

from loaders.testing import assert_statements

__all__ = ["assert_statements"]
