"""Trainings on record: which bundle came of which, and where it is registered."""

from dataclasses import dataclass
from datetime import date

from features.catalog import Catalog
from scoring.review.audit import note
from scoring.review.filings import catalog_text
from scoring.review.models import Training, User
from scoring.store import settled


@dataclass(frozen=True)
class Trained:
    """One training, as it is put on record."""

    bundle_hash: str
    version: int  # in the registry
    run_id: str
    as_of: date
    catalog: Catalog  # word for word as the bundle has it
    report: str = ""  # path of its report


def keep_training(trained: Trained, by: User | None = None) -> Training:
    """Put a training on record; ``by`` is None where a timer ran it."""
    with settled(alone=True):
        made: Training = Training.objects.create(
            bundle_hash=trained.bundle_hash,
            version=trained.version,
            as_of=trained.as_of,
            run_id=trained.run_id,
            catalog=catalog_text(trained.catalog),
            report=trained.report,
            by=by,
        )
        note(by, "models.train", str(trained.version), bundle_hash=trained.bundle_hash, as_of=trained.as_of)
    return made


def last_training(bundle_hash: str | None = None) -> Training | None:
    """Return the newest training, of a bundle or of any."""
    kept = Training.objects.order_by("-id")
    found: Training | None = (kept if bundle_hash is None else kept.filter(bundle_hash=bundle_hash)).first()
    return found
