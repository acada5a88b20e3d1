"""GraphiQL of the configured gateway."""

from __future__ import annotations

import sys
from pathlib import Path

from gateway.config import Config
from gateway.delivery.compression import Compression
from gateway.endpoint.errors import RequestError
from gateway.endpoint.graphql import PATH
from gateway.graphiql.app import GraphiQLApp
from gateway.graphiql.example import Example
from gateway.graphiql.examples import FOLDER, examples_for
from gateway.graphiql.page import page_of
from gateway.scopes.views import SchemaViews
from loaders.viewer import ANONYMOUS


def build_graphiql(settings: Config, views: SchemaViews) -> GraphiQLApp | None:
    """What serves ``/graphiql``, None where that is off."""
    if not settings.graphiql:
        return None
    examples: tuple[Example, ...] = ()
    try:
        schema = views.of(ANONYMOUS)._schema  # noqa: SLF001 - no other way
        examples = examples_for(schema, brought_by(settings.schema_path))
    except RequestError:
        # Nobody sees anything without scopes, and the page is for everybody.
        pass
    return GraphiQLApp(page_of(PATH, examples), Compression(settings.compression))


def brought_by(schema_path: str) -> Path | None:
    """The folder of examples beside the module of the schema, ``package.module:name``."""
    module, _, _ = schema_path.rpartition(":")
    file = getattr(sys.modules.get(module), "__file__", None)
    return None if file is None else Path(file).parent / FOLDER
