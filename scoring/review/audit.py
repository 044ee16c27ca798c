"""The audit trail: each entry carries the hash of the one before, so that none can be changed or taken out unseen."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from scoring.review.models import AuditEntry, User
from scoring.store import settled

BEGINNING = "0" * 64  # what the first entry names as the one before


def note(user: User | None, action: str, subject: str, **detail: Any) -> AuditEntry:
    """Write one deed into the trail.

    Parameters
    ----------
    user : who did it; None = nobody signed in
    action : what was done, like ``models.approve``
    subject : to what
    detail : what else matters, as JSON can hold it; nothing private
    """
    with settled(alone=True):
        last = AuditEntry.objects.order_by("-id").first()
        previous = BEGINNING if last is None else last.digest
        at = timezone.now()
        who = None if user is None else user.pk
        kept: Mapping[str, Any] = json.loads(json.dumps(detail, default=str, allow_nan=False))
        entry: AuditEntry = AuditEntry.objects.create(
            at=at,
            user=user,
            action=action,
            subject=subject,
            detail=kept,
            previous=previous,
            digest=_digest(previous, (at, who, action, subject), kept),
        )
        return entry


def verify_chain() -> int | None:
    """Return the id of the first entry that is not as it was written; None = the trail is whole.

    What was cut off at the end leaves no gap: compare the last hash with one written down elsewhere.
    """
    previous = BEGINNING
    for entry in AuditEntry.objects.order_by("id").iterator():
        sealed = _digest(previous, (entry.at, entry.user_id, entry.action, entry.subject), entry.detail)
        if (entry.previous, entry.digest) != (previous, sealed):
            return int(entry.pk)
        previous = entry.digest
    return None


def newest() -> tuple[int, str]:
    """Return how many entries there are, and the hash of the last."""
    last = AuditEntry.objects.order_by("-id").first()
    return AuditEntry.objects.count(), BEGINNING if last is None else str(last.digest)


def _digest(previous: str, deed: tuple[datetime, int | None, str, str], detail: Mapping[str, Any]) -> str:
    at, user, action, subject = deed
    told = {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "user": user,
        "action": action,
        "subject": subject,
        "detail": detail,
    }
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}{text}".encode()).hexdigest()
