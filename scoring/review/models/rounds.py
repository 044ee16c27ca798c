"""Rounds of review, and the scores given in them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from scoring.review.models.accounts import User
from scoring.review.models.append_only import AppendOnly
from scoring.review.models.projects import Filing
from scoring.review.models.texts import CatalogText, PolicyText


class Round(models.Model):
    """A batch scored together: one model, one catalogue, one policy."""

    name: str = models.CharField(max_length=250, unique=True)
    model_hash: str = models.CharField(max_length=64)
    catalog: CatalogText = models.ForeignKey(CatalogText, on_delete=models.PROTECT, related_name="rounds")
    policy: PolicyText = models.ForeignKey(PolicyText, on_delete=models.PROTECT, related_name="rounds")
    opened: datetime = models.DateTimeField(default=timezone.now)
    opened_by: User = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rounds")

    def __str__(self) -> str:
        return self.name


class Score(AppendOnly):
    """One project's figures in one round, and their explanation."""

    filing: Filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="scores")
    round: Round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="scores")
    model_hash: str = models.CharField(max_length=64)
    figures: dict[str, Any] = models.JSONField()
    explanation: dict[str, Any] = models.JSONField()

    class Meta:
        """One score a filing and round."""

        constraints = (models.UniqueConstraint(fields=("filing", "round"), name="score_once_a_round"),)
