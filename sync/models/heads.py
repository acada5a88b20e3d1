"""Version counters."""

from __future__ import annotations

from django.db import models


class Head(models.Model):
    """One shard of a version counter. A head's value is the sum over its shards.

    Writers bump the shard of their backend pid (modulo 32), so that they neither queue nor deadlock.
    """

    pk = models.CompositePrimaryKey("name", "shard")
    name = models.TextField()
    shard = models.SmallIntegerField()
    value = models.BigIntegerField(default=0)

    class Meta:
        db_table = "larder_head"

    def __str__(self) -> str:
        return f"{self.name}[{self.shard}] {self.value}"
