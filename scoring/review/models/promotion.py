"""Trainings, and how a model comes to rule: proposed by one person, approved by another."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from scoring.review.models.accounts import User
from scoring.review.models.append_only import AppendOnly
from scoring.review.models.texts import CatalogText

HASH = 64  # hexadecimal digits of a SHA-256


class Training(AppendOnly):
    """One training: the bundle it made, and where it is registered."""

    bundle_hash: str = models.CharField(max_length=HASH)
    version: int = models.PositiveIntegerField()  # in the registry
    as_of: date = models.DateField()
    run_id: str = models.CharField(max_length=64)
    catalog: CatalogText = models.ForeignKey(CatalogText, on_delete=models.PROTECT, related_name="trainings")
    report: str = models.TextField(blank=True)  # path of its report
    trained_at: datetime = models.DateTimeField(default=timezone.now)
    by: User | None = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="trainings"
    )


class Proposal(AppendOnly):
    """Somebody proposes that a model shall rule."""

    bundle_hash: str = models.CharField(max_length=HASH)
    version: int = models.PositiveIntegerField()
    proposer: User = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals")
    reason: str = models.TextField()
    at: datetime = models.DateTimeField(default=timezone.now)

    class Meta:
        """A reason is required."""

        constraints = (models.CheckConstraint(condition=~models.Q(reason=""), name="proposal_has_a_reason"),)


class Approval(AppendOnly):
    """Another person agrees; the trigger of migration 0002 holds proposer and hash to the proposal's."""

    proposal: Proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="approval")
    bundle_hash: str = models.CharField(max_length=HASH, db_index=True)
    proposer: User = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approved_for")
    approver: User = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals")
    reason: str = models.TextField()
    at: datetime = models.DateTimeField(default=timezone.now)

    class Meta:
        """Two people, and a reason."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(proposer=models.F("approver")), name="approval_by_another"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="approval_has_a_reason"),
        )


class Reign(AppendOnly):
    """From here on this model rules; the last row names the champion."""

    PROMOTE, ROLLBACK = "promote", "rollback"

    bundle_hash: str = models.CharField(max_length=HASH)
    version: int = models.PositiveIntegerField()
    approval: Approval | None = models.OneToOneField(
        Approval, null=True, on_delete=models.PROTECT, related_name="reign"
    )
    kind: str = models.CharField(max_length=8, choices=((PROMOTE, PROMOTE), (ROLLBACK, ROLLBACK)))
    by: User = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reigns")
    reason: str = models.TextField()
    at: datetime = models.DateTimeField(default=timezone.now)

    class Meta:
        """A promotion rests on its approval, a rollback on one given before."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind="promote", approval__isnull=False)
                | models.Q(kind="rollback", approval__isnull=True),
                name="reign_promotes_what_is_approved",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="reign_has_a_reason"),
        )
