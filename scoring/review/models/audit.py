"""The audit trail: who did what, each entry sealed by the hash of the one before."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models

from scoring.review.models.accounts import User
from scoring.review.models.append_only import AppendOnly


class AuditEntry(AppendOnly):
    """One deed."""

    at: datetime = models.DateTimeField()
    user: User | None = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="deeds"
    )
    action: str = models.CharField(max_length=100)
    subject: str = models.TextField()
    detail: dict[str, Any] = models.JSONField()
    previous: str = models.CharField(max_length=64, unique=True)  # so that the chain cannot fork
    digest: str = models.CharField(max_length=64, unique=True)
