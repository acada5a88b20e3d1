"""Settings: limits on documents, their costs and their answers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from gateway.configured.kinds import Access
from gateway.limits.budgets import Budgets, CostMode
from gateway.limits.limits import DocumentLimits
from gateway.scopes.access import OFF, ON


class LimitSettings(BaseModel):
    """How much one operation may ask for."""

    max_document_bytes: int = Field(default=50_000, ge=1)
    max_tokens: int = Field(default=2_000, ge=1, le=20_000)
    max_depth: int = Field(default=16, ge=1, le=200)
    max_root_fields: int = Field(default=50, ge=1)
    max_selections: int = Field(default=2_000, ge=1)
    max_aliases: int = Field(default=200, ge=0)
    max_directives: int = Field(default=100, ge=0)
    max_list_length: int = Field(default=1_000, ge=0)
    max_variables: int = Field(default=100, ge=0)
    max_fragments: int = Field(default=100, ge=0)
    max_comparisons: int = Field(default=20_000, ge=100)
    max_validation_errors: int = Field(default=20, ge=1)

    cost: CostMode = CostMode.ENFORCE
    max_cost: float = Field(default=30_000, ge=0)
    max_cost_resolvers: float = Field(default=10_000, ge=0)
    assumed_list_size: int = Field(default=10, ge=1, le=1_000)
    cost_extension: Access = Field(default_factory=lambda known: ON if known["debug"] else OFF)
    max_page: int = Field(default=100, ge=1, le=10_000)
    max_response_bytes: int = Field(default=1_000_000, ge=1_000)

    @property
    def document_limits(self) -> DocumentLimits:
        """The limits of every document."""
        return DocumentLimits(
            text_bytes=self.max_document_bytes,
            tokens=self.max_tokens,
            depth=self.max_depth,
            root_fields=self.max_root_fields,
            selections=self.max_selections,
            aliases=self.max_aliases,
            directives=self.max_directives,
            list_length=self.max_list_length,
            variables=self.max_variables,
            fragments=self.max_fragments,
            comparisons=self.max_comparisons,
            errors=self.max_validation_errors,
        )

    @property
    def budgets(self) -> Budgets:
        """What operations may cost."""
        return Budgets(self.cost, self.max_cost, self.max_cost_resolvers)
