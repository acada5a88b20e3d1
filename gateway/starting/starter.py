"""A Django app to start with, for a folder that has none."""

from __future__ import annotations

from collections.abc import Mapping

NAME = "shop"

FILES: Mapping[str, str] = {
    f"{NAME}/__init__.py": "",
    f"{NAME}/migrations/__init__.py": "",
    f"{NAME}/apps.py": """from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"
    default_auto_field = "django.db.models.BigAutoField"
""",
    f"{NAME}/models.py": '''from django.db import models


class Category(models.Model):
    """Where products stand."""

    slug = models.SlugField(unique=True, help_text="Its name in URLs.")
    name = models.CharField(max_length=200, help_text="What it is called.")

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "categories"
        indexes = (models.Index(fields=["name", "id"], name="category_by_name"),)

    def __str__(self):
        return self.name


class Product(models.Model):
    """Something to be sold."""

    category = models.ForeignKey(
        Category, models.PROTECT, related_name="products", help_text="Where it stands."
    )
    name = models.CharField(max_length=200, help_text="What it is called.")
    price = models.DecimalField(max_digits=10, decimal_places=2, help_text="In euros.")
    added_at = models.DateTimeField(auto_now_add=True, help_text="When it came.")

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(fields=["name", "id"], name="product_by_name"),
            models.Index(fields=["category", "name", "id"], name="product_by_category"),
        )

    def __str__(self):
        return self.name
''',
}
"""Path -> text."""
