"""Settings: GraphQL over HTTP."""

from __future__ import annotations

from pydantic import BaseModel


class EndpointSettings(BaseModel):
    """The protocol: who may ask from where, and what is told."""
