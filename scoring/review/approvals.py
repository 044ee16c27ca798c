"""Two people make a champion: one proposes, another approves, either with a reason; one command takes it back."""

import re
from typing import NamedTuple

from features.errors import Refused
from features.words import Words
from scoring.review.audit import note
from scoring.review.models import Approval, Proposal, Reign, User
from scoring.review.people import must
from scoring.store import settled

PROPOSERS = ("analyst", "secretary", "administrator")
APPROVERS = ("chair", "administrator")


class Ruling(NamedTuple):
    """A model that rules, or has ruled: its version in the registry, and the hash of its bundle."""

    version: int
    bundle_hash: str


def propose(version: int, bundle_hash: str, by: User, reason: str) -> Proposal:
    """Propose that a model shall rule.

    Raises
    ------
    Refused
        Who asks may not, gives no reason, or the model is proposed already, or rules.
    """
    must(by, *PROPOSERS)
    assert re.fullmatch(r"[0-9a-f]{64}", bundle_hash), bundle_hash
    why = _reason(reason)
    with settled(alone=True):
        if champion() == (version, bundle_hash):
            raise Refused(
                Words(f"版本 {version} 已是现用模型，无须提议。", f"version {version} is the champion already.")
            )
        waiting = open_proposal(version)
        if waiting is not None and waiting.bundle_hash == bundle_hash:
            raise Refused(
                Words(
                    zh=f"版本 {version} 已由 {waiting.proposer} 提议，等待另一人批准：luodi models approve {version}",
                    en=f"version {version} was proposed by {waiting.proposer} and waits for another person: "
                    f"luodi models approve {version}",
                )
            )
        made: Proposal = Proposal.objects.create(bundle_hash=bundle_hash, version=version, proposer=by, reason=why)
        note(by, "models.propose", str(version), bundle_hash=bundle_hash, reason=why)
    return made


def approve(version: int, by: User, reason: str) -> Approval:
    """Approve the newest open proposal of a version: from now on it is the champion.

    Raises
    ------
    Refused
        Who asks may not, has proposed it, gives no reason, or nothing is open.
    """
    must(by, *APPROVERS)
    why = _reason(reason)
    with settled(alone=True):
        proposal = open_proposal(version)
        if proposal is None:
            raise Refused(
                Words(
                    zh=f"版本 {version} 没有待批准的提议。请先运行 luodi models propose {version}",
                    en=f"nothing is proposed of version {version}. Run luodi models propose {version} first.",
                )
            )
        if proposal.proposer_id == by.pk:
            raise Refused(
                Words(
                    zh=f"版本 {version} 是 {by} 提议的，须由另一人批准。",
                    en=f"version {version} was proposed by {by}: another person has to approve it.",
                )
            )
        made: Approval = Approval.objects.create(
            proposal=proposal, bundle_hash=proposal.bundle_hash, proposer=proposal.proposer, approver=by, reason=why
        )
        _reign(Ruling(version, proposal.bundle_hash), Reign.PROMOTE, by, why, made)
        note(by, "models.approve", str(version), bundle_hash=proposal.bundle_hash, reason=why)
    return made


def rollback(by: User, reason: str) -> Ruling:
    """Return to the champion before the present one, which was approved then; return it.

    Raises
    ------
    Refused
        Who asks may not, gives no reason, or there is none before.
    """
    must(by, *APPROVERS)
    why = _reason(reason)
    with settled(alone=True):
        back = previous()
        if back is None:
            raise Refused(Words("没有更早的现用模型，无法退回。", "there is no champion before this one to return to."))
        _reign(back, Reign.ROLLBACK, by, why)
        note(by, "models.rollback", str(back.version), bundle_hash=back.bundle_hash, reason=why)
    return back


def champion() -> Ruling | None:
    """Return the model that rules; None = none was ever approved."""
    line = _succession()
    return line[-1] if line else None


def previous() -> Ruling | None:
    """Return the model that a rollback would return to."""
    line = _succession()
    return line[-2] if len(line) > 1 else None


def is_approved(bundle_hash: str) -> bool:
    """Tell whether two people have let a bundle rule, now or before."""
    return bool(Approval.objects.filter(bundle_hash=bundle_hash).exists())


def open_proposal(version: int) -> Proposal | None:
    """Return the newest proposal of a version, if nobody has approved it."""
    newest: Proposal | None = (
        Proposal.objects.filter(version=version).select_related("proposer").order_by("-id").first()
    )
    return None if newest is None or Approval.objects.filter(proposal=newest).exists() else newest


def _succession() -> list[Ruling]:
    """Return the champions that stand on one another: a promotion comes on top, a rollback takes the top away."""
    line: list[Ruling] = []
    for version, bundle_hash, kind in Reign.objects.order_by("id").values_list("version", "bundle_hash", "kind"):
        if kind == Reign.ROLLBACK:
            line.pop()
        else:
            line.append(Ruling(version, bundle_hash))
    return line


def _reign(model: Ruling, kind: str, by: User, reason: str, approval: Approval | None = None) -> None:
    Reign.objects.create(
        bundle_hash=model.bundle_hash, version=model.version, approval=approval, kind=kind, by=by, reason=reason
    )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Refused(Words("须写明理由（--reason）；实际为空。", "must be given a reason (--reason); got none."))
    return reason.strip()
