"""Who rules: the store's word, which the aliases of the registry follow, and what it says of each version."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from features.errors import Refused
from features.words import Words
from models.fetching import CHALLENGER, CHAMPION, NAME, PREVIOUS, fetch
from models.registry import Version, point, versions

if TYPE_CHECKING:
    from scoring.review.models import Proposal

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Deed:
    """One thing that somebody did with a version, and why."""

    what: Words
    by: str
    at: datetime  # with a time zone
    reason: str


@dataclass(frozen=True)
class Standing:
    """What the store says of one version of the registry."""

    version: Version
    role: str | None  # an alias
    deeds: tuple[Deed, ...]  # oldest first


def standings() -> Sequence[Standing]:
    """Return every version, the newest first, as the store has it."""
    known = versions()
    roles = {version: alias for alias, version in _roles(known).items() if version is not None}
    return tuple(Standing(one, roles.get(one.version), tuple(_deeds(one))) for one in known)


def mend() -> tuple[str, ...]:
    """Let the aliases follow the store, and return those that were behind: a kill may have come between the two."""
    from scoring import store  # sets Django up, which a model in a folder does not need

    with store.exclusive("models", PATIENCE_SECONDS):
        return point(_roles(versions()))


def bundle_of(version: int) -> str:
    """Return the hash of a version's bundle, checked against the bundle itself.

    Raises
    ------
    BundleError
        There is no such version, or its bundle is another than was logged.
    """
    return fetch(f"models:/{NAME}/{version}")[1]


def held_to(version: int, proposal: "Proposal | None") -> None:
    """Refuse a version whose bundle is no longer what was proposed; None = nothing is, and that is said elsewhere.

    Raises
    ------
    Refused
        With both hashes.
    """
    found, proposed = bundle_of(version), proposal.bundle_hash if proposal else None
    if proposed is not None and found != proposed:
        raise Refused(
            Words(
                zh=f"版本 {version} 须是提议时的模型 {proposed[:12]}；实际 {found[:12]}。请重新提议。",
                en=f"version {version} must be the model that was proposed, {proposed[:12]}; got {found[:12]}. "
                "Propose it again.",
            )
        )


def _roles(known: Sequence[Version]) -> dict[str, int | None]:
    """Return the version of each alias: the newest that has never ruled is the challenger."""
    from scoring.review.approvals import champion, previous  # can be loaded only once Django is set up
    from scoring.review.models import Reign

    rules, before = champion(), previous()
    ruled = set(Reign.objects.values_list("version", flat=True))
    newest = known[0].version if known else None
    return {
        CHAMPION: rules.version if rules else None,
        PREVIOUS: before.version if before else None,
        CHALLENGER: None if newest in ruled else newest,
    }


def _deeds(version: Version) -> Iterator[Deed]:
    from scoring.review.models import Proposal, Reign  # can be loaded only once Django is set up

    found = []
    for one in Proposal.objects.filter(version=version.version).select_related("proposer"):
        found.append(Deed(PROPOSED, str(one.proposer), one.at, one.reason))
    for one in Reign.objects.filter(version=version.version).select_related("by"):
        what = RETURNED if one.kind == Reign.ROLLBACK else APPROVED
        found.append(Deed(what, str(one.by), one.at, one.reason))
    yield from sorted(found, key=lambda deed: deed.at)


PROPOSED = Words("提议", "proposed")
APPROVED = Words("批准", "approved")
RETURNED = Words("退回至此", "returned to")
