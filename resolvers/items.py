"""Items: by id, by text, and what they are called in a language."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramSimilarity
from django.db.models import DecimalField, F, Q, QuerySet, TextField
from django.db.models.functions import Cast

from catalog.models import Item
from loaders.errors import BadArgument
from loaders.listings import declared_listing
from loaders.params import Param

SEARCH_CONFIGS = ("german", "english", "simple")
MAX_SEARCH_LENGTH = 200
RANK = DecimalField(max_digits=12, decimal_places=6)


def translated(
    stored: str | None, language: str, translations: dict[str, dict[str, str]], part: str, wanted: str | None
) -> str | None:
    """``stored``, or its translation: the language asked for, then that without its region, then the item's own."""
    if wanted is None or wanted.lower() == language.lower():
        return stored
    by_language = {tag.lower(): texts for tag, texts in translations.items()}
    for tag in (wanted.lower(), wanted.lower().partition("-")[0]):
        if text := by_language.get(tag, {}).get(part):
            return text
    return stored


def name(
    stored: str, own_language: str, translations: dict[str, dict[str, str]], *, language: str | None = None
) -> str | None:
    """The item's name in a language."""
    return translated(stored, own_language, translations, "name", language)


def description(
    stored: str | None, own_language: str, translations: dict[str, dict[str, str]], *, language: str | None = None
) -> str | None:
    """The item's description in a language."""
    return translated(stored, own_language, translations, "description", language)


def search_text(text: str) -> str:
    """The text to search for, trimmed. Raises ``BadArgument`` unless it has 1 to 200 characters."""
    trimmed = text.strip()
    if not 1 <= len(trimmed) <= MAX_SEARCH_LENGTH:
        msg = f"text must have 1 to {MAX_SEARCH_LENGTH} characters, not {len(trimmed)}"
        raise BadArgument(msg)
    return trimmed


@declared_listing(
    Item,
    order=("-rank",),
    params={"text": TextField(), "location": TextField()},
    kinds={"rank": RANK},
    clean={"text": search_text},
)
def items_by_text(text: Any, location: Param | None) -> QuerySet[Item]:
    """Items whose words match in any of the languages, or whose name is alike (trigrams); best first."""
    query = SearchQuery(text, config=SEARCH_CONFIGS[0], search_type="websearch")
    for config in SEARCH_CONFIGS[1:]:
        query |= SearchQuery(text, config=config, search_type="websearch")
    score = Cast(SearchRank(F("search"), query) + TrigramSimilarity("name", text), RANK)
    items: QuerySet[Item] = Item.objects.filter(Q(search=query) | Q(name__trigram_word_similar=text))
    if location is not None:
        items = items.filter(location__slug=location)
    return items.annotate(rank=score)
