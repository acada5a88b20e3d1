"""What the library's columns may hold, in the store as in the schema."""

from __future__ import annotations

import enum

import strawberry
from django.db import models


@strawberry.enum
class Format(models.TextChoices):
    HARDBACK = "hardback"
    PAPERBACK = "paperback"
    EBOOK = "e-book"


@strawberry.enum
class Role(models.TextChoices):
    WRITER = "writer"
    EDITOR = "editor"
    TRANSLATOR = "translator"


@strawberry.enum
class Wear(models.IntegerChoices):
    NEW = 1
    USED = 2
    TORN = 3


@strawberry.enum
class LoanState(models.TextChoices):
    RESERVED = "reserved"
    OUT = "out"
    RETURNED = "returned"
    LOST = "lost"


@strawberry.enum
class Bulk(enum.Enum):
    """Never stored."""

    LIGHT = "light"
    HANDY = "handy"
    HEAVY = "heavy"
