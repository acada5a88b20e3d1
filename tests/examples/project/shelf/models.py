from __future__ import annotations

from django.db import models


class Note(models.Model):
    text = models.TextField(help_text="What it says.")

    class Meta:
        app_label = "shelf"
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text
