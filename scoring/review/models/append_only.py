"""Rows that are written once: the database itself refuses to change or delete them."""

from django.db import models


class AppendOnly(models.Model):
    """A table under triggers (migration 0002): rows come, none changes, none goes."""

    class Meta:
        """No table of its own."""

        abstract = True
