from django.db import models

from larder.sync import SuppliedRow


class Binding(models.TextChoices):
    HARDCOVER = "hardcover", "Hardcover"
    PAPERBACK = "paperback", "Paperback"


class Author(models.Model):
    """Somebody who writes."""

    name = models.CharField(max_length=200, help_text="As it stands on the cover.")
    born_in = models.IntegerField(null=True, blank=True, help_text="Year of birth, where it is known.")

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["name", "id"], name="bookshop_author_by_name")]

    def __str__(self):
        return self.name


class Book(models.Model):
    """A book that the shop sells."""

    isbn = models.CharField(max_length=13, unique=True, help_text="Its ISBN, 13 digits.")
    title = models.CharField(max_length=300, help_text="What it is called.")
    binding = models.CharField(max_length=10, choices=Binding.choices, help_text="How it is bound.")
    price = models.DecimalField(max_digits=8, decimal_places=2, help_text="In euros, tax included.")
    published_on = models.DateField(null=True, blank=True, help_text="When it came out.")
    authors = models.ManyToManyField(Author, related_name="books", help_text="Who wrote it.")

    class Meta:
        ordering = ["title"]
        indexes = [models.Index(fields=["title", "id"], name="bookshop_book_by_title")]

    def __str__(self):
        return self.title


class Stock(SuppliedRow):
    """How many copies of a book the wholesaler has."""

    book = models.OneToOneField(
        Book, models.DO_NOTHING, to_field="isbn", db_constraint=False, related_name="stock", help_text="The book."
    )
    copies = models.PositiveIntegerField(help_text="Copies in the warehouse.")
    arriving_on = models.DateField(null=True, help_text="When more of them arrive; null: nobody knows.")

    def __str__(self):
        return f"{self.copies} of {self.book_id}"
