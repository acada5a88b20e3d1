"""Settings: GraphiQL."""

from __future__ import annotations

from pydantic import BaseModel, Field

from gateway.scopes.access import ON
from persisted_queries.policies import Mode

TAKING_TEXTS = (Mode.OPEN, Mode.LOG_UNKNOWN)


class GraphiQLSettings(BaseModel):
    """Whether ``/graphiql`` is served: by default where anybody may read the schema and send operations as text."""

    graphiql: bool = Field(
        default_factory=lambda known: known["introspection"] == ON and known["documents"] in TAKING_TEXTS
    )
