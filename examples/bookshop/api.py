"""The bookshop's GraphQL schema."""

from __future__ import annotations

import enum
from datetime import date
from decimal import Decimal

import strawberry
from django.db.models import QuerySet, TextField

from bookshop import models
from larder.freshness import Freshness, SourceFreshness, freshness_field, sources_field
from larder.graphql import (
    Connection,
    Param,
    argument,
    column,
    computed,
    declared_listing,
    larder_type,
    list_size,
    listed,
    lookup,
    make_schema,
    row_by,
)


@strawberry.enum(description="How a book is bound.")
class Binding(enum.Enum):
    HARDCOVER = "hardcover"
    PAPERBACK = "paperback"


@larder_type(models.Stock, name="Stock", description="How many copies of a book the wholesaler has.")
class Stock:
    copies: int = column("Copies in the warehouse.")
    arriving_on: date | None = column("When more of them arrive; null: nobody knows.")
    freshness: Freshness = freshness_field()


@larder_type(models.Book, name="Book", description="A book that the shop sells.")
class Book:
    id: strawberry.ID = column("Its number.")
    isbn: str = column("Its ISBN, 13 digits.")
    title: str = column("What it is called.")
    binding: Binding = column("How it is bound.")
    price: Decimal = column("In euros, tax included.")
    published_on: date | None = column("When it came out.")
    authors: list[Author] = column("Who wrote it.", directives=[list_size(3)])
    stock: Stock | None = column("What the wholesaler has of it; null where it does not know the book.")


@declared_listing(models.Book, order=("title",))
def books_of_author() -> QuerySet[models.Book]:
    return models.Book.objects.all()


@larder_type(models.Author, name="Author", description="Somebody who writes.")
class Author:
    id: strawberry.ID = column("Their number.")
    name: str = column("As it stands on the cover.")
    born_in: int | None = column("Year of birth, where it is known.")
    initials: str = computed(
        lambda name: "".join(word[0] for word in name.split()), ["name"], "The first letters of the name."
    )
    books: Connection[Book] = listed(books_of_author, "Books by them, by title.", key="authors__id")


@declared_listing(models.Book, order=("title",), params={"starts": TextField()})
def books_by_title(starts: Param | None) -> QuerySet[models.Book]:
    books = models.Book.objects.all()
    return books if starts is None else books.filter(title__startswith=starts)


@strawberry.type(description="Everything that can be read.")
class Query:
    book: Book | None = lookup(
        row_by(models.Book, "isbn"), argument("isbn", str, "Its ISBN, 13 digits."), "A book by its ISBN."
    )
    books: Connection[Book] = listed(
        books_by_title,
        "Every book, by title.",
        takes=[argument("starts", str | None, "Only titles that start so.")],
    )
    author: Author | None = lookup(
        row_by(models.Author), argument("id", strawberry.ID, "Their number."), "An author by number."
    )
    freshness: list[SourceFreshness] = sources_field()


schema = make_schema(Query)
