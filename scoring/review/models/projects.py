"""Projects, and each of their filings as it was when it came in."""

from datetime import date, datetime

from django.db import models
from django.utils import timezone

from scoring.review.models.append_only import AppendOnly
from scoring.review.models.texts import CatalogText


class Project(models.Model):
    """One project, whatever it is filed as over the years."""

    uid: str = models.CharField(max_length=250, unique=True)  # as first written
    folded: str = models.CharField(max_length=250, unique=True)  # as names are compared
    name: str = models.TextField()  # the key of its first filing
    created: datetime = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.uid


class Filing(AppendOnly):
    """What was filed of a project on one day: a snapshot, never overwritten. Another day is another filing."""

    project: Project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="filings")
    catalog: CatalogText = models.ForeignKey(CatalogText, on_delete=models.PROTECT, related_name="filings")
    entry: date = models.DateField()
    attributes: str = models.TextField()  # JSON by attribute id: see `scoring.review.snapshots`
    recorded_on: date = models.DateField()
    source: str = models.CharField(max_length=250)
    line: int | None = models.PositiveIntegerField(null=True)
    entered_at: datetime = models.DateTimeField(default=timezone.now)

    class Meta:
        """One filing of a project a day."""

        constraints = (models.UniqueConstraint(fields=("project", "entry"), name="filing_once_a_day"),)
        indexes = (models.Index(fields=("recorded_on",), name="filing_recorded_on"),)
