"""The library's tables: every kind of relation and column that the engine derives a field from."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tests.library.choices import Format, LoanState, Role, Wear


class LiveManager(models.Manager["Book"]):
    """Says as data what it hides."""

    condition = models.Q(deleted_at__isnull=True)

    def get_queryset(self) -> models.QuerySet[Book]:
        return super().get_queryset().filter(self.condition)


class ListedManager(models.Manager["Author"]):
    """Hides rows without saying which."""

    def get_queryset(self) -> models.QuerySet[Author]:
        return super().get_queryset().filter(withdrawn=False)


class Category(models.Model):
    slug = models.TextField(primary_key=True)
    name = models.TextField()
    position = models.IntegerField(null=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.slug


class Publisher(models.Model):
    name = models.TextField(unique=True)
    founded_on = models.DateField(null=True)
    street = models.TextField(null=True)
    city = models.TextField(null=True)
    country = models.CharField(max_length=2, null=True)
    details = models.JSONField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Author(models.Model):
    name = models.TextField()
    born_on = models.DateField(null=True)
    withdrawn = models.BooleanField(default=False)

    objects = ListedManager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Biography(models.Model):
    author = models.OneToOneField(Author, models.CASCADE, related_name="biography")
    text = models.TextField()
    pages = models.IntegerField(null=True)

    def __str__(self) -> str:
        return self.text[:20]


class Book(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.TextField()
    subtitle = models.TextField(null=True)
    publisher = models.ForeignKey(Publisher, models.SET_NULL, null=True, related_name="books")
    published_on = models.DateField(null=True)
    price = models.DecimalField(max_digits=40, decimal_places=10, null=True)
    weight = models.FloatField(null=True, help_text="Kilograms.")
    keywords = ArrayField(models.TextField(), default=list)
    formats = ArrayField(models.TextField(choices=Format.choices), null=True)
    extras = models.JSONField(null=True)
    added_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    authors = models.ManyToManyField(Author, through="Authorship", related_name="books")
    categories = models.ManyToManyField(Category, related_name="books")

    objects = LiveManager()

    class Meta:
        ordering = ["title"]
        indexes = [models.Index(fields=["publisher", "title", "id"], name="library_book_by_publisher")]

    def __str__(self) -> str:
        return self.title


class Authorship(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="authorships")
    author = models.ForeignKey(Author, models.CASCADE, related_name="authorships")
    role = models.TextField(choices=Role.choices)
    position = models.IntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position} {self.role}"


class Disc(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.TextField()
    artist = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="discs")
    samples = models.BigIntegerField()
    loudness = models.FloatField(null=True)
    added_at = models.DateTimeField()
    categories = models.ManyToManyField(Category, related_name="discs")

    class Meta:
        ordering = ["-added_at"]

    def __str__(self) -> str:
        return self.title


class Branch(models.Model):
    code = models.CharField(max_length=8, unique=True)
    name = models.TextField()
    opens_at = models.TimeField(null=True)
    closes_at = models.TimeField(null=True)
    open_on_sundays = models.BooleanField(null=True)

    def __str__(self) -> str:
        return self.code


class Copy(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="copies")
    branch = models.ForeignKey(Branch, models.SET_NULL, null=True, to_field="code", related_name="copies")
    wear = models.SmallIntegerField(choices=Wear.choices, null=True)
    shelfmark = models.TextField()

    class Meta:
        ordering = ["-shelfmark"]

    def __str__(self) -> str:
        return self.shelfmark


class Reader(models.Model):
    card = models.CharField(max_length=16, primary_key=True)
    name = models.TextField()
    born_on = models.DateField(null=True)
    guarantor = models.ForeignKey("self", models.SET_NULL, null=True, related_name="wards")
    balance = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    active = models.BooleanField(default=True)
    favourites = models.ManyToManyField(Author, related_name="fans")

    def __str__(self) -> str:
        return self.card


class Loan(models.Model):
    reader = models.ForeignKey(Reader, models.CASCADE, related_name="loans")
    book = models.ForeignKey(Book, models.CASCADE, null=True, related_name="loans")
    disc = models.ForeignKey(Disc, models.CASCADE, null=True, related_name="loans")
    state = models.TextField(choices=LoanState.choices)
    at = models.DateTimeField()
    due_on = models.DateField(null=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["reader", "-at", "-id"], name="library_loan_by_reader")]

    def __str__(self) -> str:
        return f"{self.reader_id} {self.state}"


class Fine(models.Model):
    reader = models.ForeignKey(Reader, models.CASCADE, related_name="fines")
    loan = models.OneToOneField(Loan, models.CASCADE, null=True, related_name="fine")
    at = models.DateTimeField()
    amount = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.reader_id} {self.amount}"
