"""Settings: who may read the schema."""

from __future__ import annotations

from pydantic import BaseModel

from gateway.configured.kinds import Access


class IntrospectionSettings(BaseModel):
    """Introspection: ``on``, ``off``, or a scope that it needs."""

    introspection: Access = "on"
