"""The files of a project that Larder is to serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.apps import AppConfig
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from gateway.errors import GatewayError

SCHEMA_MODULE = "api"
ENVIRONMENT = """\
# Settings of Larder, for every command that runs in this folder; what the environment
# says goes before. docs/configuration.md has them all.
LARDER_APPS={apps}
LARDER_SCHEMA={module}:schema
# LARDER_TARGETS={first}.targets.TARGETS
# LARDER_SOURCES=suppliers.toml
# Never in production:
LARDER_DEBUG=on
"""
IGNORED = """\
.larder/
.venv/
__pycache__/
"""
README = """\
# A GraphQL API over {labels}

`{module}.py` is the schema, to be edited; `documents/` are the operations that clients
send; `.env` are the settings.

```sh
larder manage makemigrations {labels}   # your tables
larder migrate                   # they and Larder's own
larder track-heads make          # let the caches learn of your writes
larder migrate
larder dev                       # PostgreSQL, Valkey, the worker, the gateway
```

In another terminal:

```sh
larder plan explain documents/{document}.graphql
larder documents push documents --client web --version 1
larder documents publish --client web --version 1
```

Data comes from Django's admin (`larder manage createsuperuser`, then `/admin/`), from
`larder manage loaddata`, or from suppliers: name them in `suppliers.toml`, and say in
`{first}/targets.py` how what they tell becomes rows.
"""


def apps_in(folder: Path) -> list[str]:
    """The Django apps that stand in a folder, by name."""
    found = [path.parent for path in folder.glob("*/models.py")]
    found += [path.parent.parent for path in folder.glob("*/models/__init__.py")]
    return sorted({path.name for path in found if path.name.isidentifier() and (path / "__init__.py").is_file()})


def project_files(configs: Sequence[AppConfig], document: tuple[str, str]) -> Mapping[str, str]:
    """Path -> text of everything but the schema. document: name and text of the first one."""
    names = [config.name for config in configs]
    filled = {
        "apps": ",".join(names),
        "first": names[0],
        "module": SCHEMA_MODULE,
        "labels": " ".join(config.label for config in configs),
        "document": document[0],
    }
    return {
        ".env": ENVIRONMENT.format_map(filled),
        ".gitignore": IGNORED,
        "README.md": README.format_map(filled),
        f"documents/{document[0]}.graphql": document[1],
    }


def first_document(schema: GraphQLSchema) -> tuple[str, str]:
    """A name and an operation: the first page of the first list of the root, with what its rows have themselves."""
    query = schema.query_type
    lists = {name: get_named_type(field.type) for name, field in (query.fields if query else {}).items()}
    name, node = next(
        (name, get_named_type(kind.fields["nodes"].type))
        for name, kind in lists.items()
        if isinstance(kind, GraphQLObjectType) and "nodes" in kind.fields
    )
    leaves = leaf_fields(node) if isinstance(node, GraphQLObjectType) else iter(())
    inner = "\n".join(f"      {leaf}" for leaf in leaves)
    title = name[:1].upper() + name[1:]
    return name, f"query {title} {{\n  {name}(first: 10) {{\n    nodes {{\n{inner}\n    }}\n  }}\n}}\n"


def leaf_fields(kind: GraphQLObjectType) -> Iterator[str]:
    """The fields of a type that have no fields themselves and need no argument."""
    for name, field in kind.fields.items():
        if is_leaf_type(get_named_type(field.type)) and not field.args:
            yield name


def write(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Write all the files below a folder; none where one exists: ``GatewayError`` names those. Returns their paths."""
    if there := [name for name in files if (folder / name).exists()]:
        raise GatewayError(f"{', '.join(sorted(there))} exists already: nothing was written")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return sorted(files)
