"""Links that leave docs/, such as ../examples/bookshop: on the forge they lead to a file, on the site to a page of it.

A Markdown file becomes a page as it is, any other file one that shows it, a folder one that shows all of its files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, InclusionLevel

LINK = re.compile(r"\]\((?P<path>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")
FOLDER = "files"
LANGUAGES = {".graphql": "graphql", ".json": "json", ".py": "python", ".sh": "sh", ".toml": "toml", ".yml": "yaml"}
LARGEST = 20_000
"""Bytes of a file that a folder's page still shows."""
PRIVATE = re.compile(r"(^|/)(\.[^/]*|__pycache__|node_modules)(/|$)")
SHOWN = "---\nsearch:\n  exclude: true\n---\n"


def on_files(files: Any, config: Any) -> Any:
    """The site's files, and a page for everything else that a page links to."""
    docs = Path(config.docs_dir)
    waiting = [(docs / page.src_uri, page.content_string) for page in files.documentation_pages()]
    while waiting:
        origin, text = waiting.pop()
        for link in LINK.finditer(text):
            target = target_of(origin, link["path"])
            if not is_outside(target, docs) or files.get_file_from_path(name_of(target, docs)):
                continue
            content = content_of(target, docs.parent)
            files.append(
                File.generated(config, name_of(target, docs), content=content, inclusion=InclusionLevel.NOT_IN_NAV)
            )
            if target.suffix == ".md":
                waiting.append((target, content))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """A page, its links made for the site."""
    docs = Path(config.docs_dir)
    place = page.file.src_uri
    is_copy = place.startswith(f"{FOLDER}/")
    if is_copy and not (docs.parent / place.removeprefix(f"{FOLDER}/")).is_file():
        return markdown
    origin = docs.parent / place.removeprefix(f"{FOLDER}/") if is_copy else docs / place

    def rewritten(link: re.Match[str]) -> str:
        target = target_of(origin, link["path"])
        if is_outside(target, docs):
            there = name_of(target, docs)
        elif is_copy and target.is_relative_to(docs):
            there = target.relative_to(docs).as_posix()
        else:
            return link[0]
        return f"]({os.path.relpath(there, Path(place).parent)}{link['anchor'] or ''})"

    return LINK.sub(rewritten, markdown)


def target_of(origin: Path, path: str) -> Path:
    """Where a link of the file ``origin`` leads."""
    return Path(os.path.normpath(origin.parent / path))


def is_outside(target: Path, docs: Path) -> bool:
    """Whether it is something of the repository that docs/ does not hold."""
    return target.is_relative_to(docs.parent) and not target.is_relative_to(docs) and target.exists()


def name_of(target: Path, docs: Path) -> str:
    """The page of a file or folder, as docs/ would have it."""
    place = target.relative_to(docs.parent).as_posix()
    return f"{FOLDER}/{place}" if target.suffix == ".md" else f"{FOLDER}/{place}.md"


def content_of(target: Path, root: Path) -> str:
    """What the page says."""
    if target.suffix == ".md":
        return target.read_text(encoding="utf-8")
    place = target.relative_to(root).as_posix()
    if target.is_file():
        return f"{SHOWN}# `{place}`\n\n{shown(target)}"
    held = (file for file in sorted(target.rglob("*")) if file.is_file())
    public = [file for file in held if file.stat().st_size and not PRIVATE.search(file.relative_to(target).as_posix())]
    parts = [f"## `{file.relative_to(target).as_posix()}`\n\n{shown(file)}" for file in public]
    return "\n\n".join([f"{SHOWN}# `{place}/`", *parts])


def shown(file: Path) -> str:
    """A file as a fence, or how large it is."""
    held = file.read_bytes()
    if len(held) > LARGEST or b"\0" in held:
        return f"{len(held):,} bytes."
    text = held.decode("utf-8")
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`{3,}", text)), default=2))
    return f"{fence}{LANGUAGES.get(file.suffix, 'text')}\n{text.rstrip()}\n{fence}"
