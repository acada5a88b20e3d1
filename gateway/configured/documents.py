"""Settings: which documents run."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, field_validator, model_validator

from gateway.configured.kinds import PREFIX, Names
from gateway.errors import ConfigError
from persisted_queries.policies import Mode
from persisted_queries.protocols import PROTOCOLS


class DocumentSettings(BaseModel):
    """The registry, and what runs beside it."""

    registry: bool = True
    documents: Mode = Mode.OPEN
    document_protocols: Names = tuple(PROTOCOLS)
    document_capacity: int = Field(default=2000, ge=1)
    apq: bool = Field(default_factory=lambda known: not known["documents"].lists)
    client_required: bool = False
    developer_key: str | None = Field(default=None, min_length=16, repr=False)
    push_token: str | None = Field(default=None, min_length=16, repr=False)

    @field_validator("document_protocols")
    @classmethod
    def _names_protocols(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value) or not set(value) <= set(PROTOCOLS):
            raise ValueError(f"must be some of {', '.join(PROTOCOLS)}, each once")
        return value

    @model_validator(mode="after")
    def _documents_that_can_be_found(self) -> Self:
        if self.documents.lists and self.apq:
            raise ConfigError(f"{PREFIX}APQ", f"has to be off where {PREFIX}DOCUMENTS is {self.documents.value}")
        if self.documents.lists and not self.registry:
            raise ConfigError(f"{PREFIX}REGISTRY", f"has to be on where {PREFIX}DOCUMENTS is {self.documents.value}")
        return self
