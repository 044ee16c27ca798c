"""Milestones as they were recorded, correction after correction."""

from datetime import date, datetime
from typing import Optional

from django.conf import settings
from django.db import models
from django.utils import timezone

from scoring.review.models.accounts import User
from scoring.review.models.append_only import AppendOnly
from scoring.review.models.projects import Project


class MilestoneEntry(AppendOnly):
    """One line of the ledger: on ``recorded_on`` somebody said that a milestone happened, or that it did not."""

    project: Project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="milestones")
    milestone: str = models.CharField(max_length=100)  # its id in the catalogue
    happened: date | None = models.DateField(null=True)  # None = taken back
    recorded_on: date = models.DateField()
    entered_at: datetime = models.DateTimeField(default=timezone.now)
    entered_by: User = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="entries")
    source: str = models.CharField(max_length=250)
    line: int | None = models.PositiveIntegerField(null=True)
    corrects: Optional["MilestoneEntry"] = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    reason: str = models.TextField(blank=True)

    class Meta:
        """Only what was said can be taken back."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(happened__isnull=False) | models.Q(corrects__isnull=False),
                name="entry_takes_back_something",
            ),
        )
        indexes = (models.Index(fields=("recorded_on",), name="entry_recorded_on"),)
