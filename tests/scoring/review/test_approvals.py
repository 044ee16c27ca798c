import pytest

from features.errors import Refused
from scoring.review import approvals
from scoring.review.approvals import APPROVERS, PROPOSERS, approve, champion, is_approved, previous, propose, rollback
from scoring.review.models import Approval, AuditEntry, Proposal, Reign
from scoring.review.people import ROLES


@pytest.fixture
def two(stores, person):
    return person("analyst", "analyst"), person("chair", "chair")


@pytest.fixture
def one_store(store, person):
    return person("analyst", "analyst"), person("chair", "chair")


def crowned(version, name, two, bundle_hash):
    propose(version, bundle_hash(name), two[0], f"{name} is better")
    return approve(version, two[1], "agreed")


def test_two_people_make_a_champion(two, bundle_hash):
    assert champion() is None
    propose(3, bundle_hash("a"), two[0], "better")
    assert champion() is None
    assert not is_approved(bundle_hash("a"))
    made = approve(3, two[1], "agreed")
    assert champion() == (3, bundle_hash("a"))
    assert is_approved(bundle_hash("a"))
    assert (made.proposer, made.approver) == two
    assert [note.action for note in AuditEntry.objects.all()] == ["models.propose", "models.approve"]


@pytest.mark.parametrize("fails", ["_reign", "note"])
def test_an_approval_is_whole_or_not_there(two, bundle_hash, monkeypatch, fails):
    propose(3, bundle_hash("a"), two[0], "better")

    def broken(*_, **__):
        raise OSError("the power is gone")

    with monkeypatch.context() as patched:
        patched.setattr(approvals, fails, broken)
        with pytest.raises(OSError, match="power"):
            approve(3, two[1], "agreed")
    assert not Approval.objects.exists()
    assert not Reign.objects.exists()
    assert [note.action for note in AuditEntry.objects.all()] == ["models.propose"]
    approve(3, two[1], "agreed")
    assert champion() == (3, bundle_hash("a"))


def test_nobody_approves_what_they_proposed(store, person, bundle_hash):
    admin = person("admin", "administrator")
    propose(3, bundle_hash("a"), admin, "better")
    with pytest.raises(Refused, match="another person"):
        approve(3, admin, "agreed")
    assert champion() is None


def test_roles_say_who_proposes_and_who_approves(store, person, bundle_hash):
    people = {role: person(role, role) for role in ROLES}
    for role, user in people.items():
        if role not in PROPOSERS:
            with pytest.raises(Refused, match="takes the role"):
                propose(1, bundle_hash("a"), user, "better")
    propose(1, bundle_hash("a"), people["secretary"], "better")
    for role, user in people.items():
        if role not in APPROVERS:
            for step in (lambda user=user: approve(1, user, "agreed"), lambda user=user: rollback(user, "back")):
                with pytest.raises(Refused, match="takes the role"):
                    step()
    assert not Approval.objects.exists()


def test_a_reason_is_required_at_every_step(one_store, bundle_hash):
    analyst, chair = one_store
    with pytest.raises(Refused, match="--reason"):
        propose(1, bundle_hash("a"), analyst, " ")
    propose(1, bundle_hash("a"), analyst, "better")
    for step in (lambda: approve(1, chair, ""), lambda: rollback(chair, "\n")):
        with pytest.raises(Refused, match="--reason"):
            step()


def test_what_is_proposed_already_or_rules_is_not_proposed_again(one_store, bundle_hash):
    analyst, chair = one_store
    propose(1, bundle_hash("a"), analyst, "better")
    with pytest.raises(Refused, match="waits for another person"):
        propose(1, bundle_hash("a"), analyst, "better")
    approve(1, chair, "agreed")
    with pytest.raises(Refused, match="champion already"):
        propose(1, bundle_hash("a"), analyst, "better")
    with pytest.raises(Refused, match="nothing is proposed"):
        approve(1, chair, "agreed")


def test_an_approval_is_of_the_newest_proposal(one_store, bundle_hash):
    analyst, chair = one_store
    propose(1, bundle_hash("a"), analyst, "better")
    propose(1, bundle_hash("b"), analyst, "registered anew")
    approve(1, chair, "agreed")
    assert champion() == (1, bundle_hash("b"))
    assert not is_approved(bundle_hash("a"))
    assert approvals.open_proposal(1) is None
    assert Proposal.objects.count() == 2


def test_a_rollback_returns_to_the_champion_before_and_so_on_down(two, bundle_hash):
    chair = two[1]
    for version, name in enumerate("abc", start=1):
        crowned(version, name, two, bundle_hash)
    assert previous() == (2, bundle_hash("b"))
    assert rollback(chair, "too many alarms") == champion() == (2, bundle_hash("b"))
    assert previous() == (1, bundle_hash("a"))
    rollback(chair, "still")
    with pytest.raises(Refused, match="no champion before"):
        rollback(chair, "and again")
    assert champion() == (1, bundle_hash("a"))
    crowned(3, "c", two, bundle_hash)
    assert (champion(), previous()) == ((3, bundle_hash("c")), (1, bundle_hash("a")))
    assert [reign.kind for reign in Reign.objects.order_by("id")] == [*["promote"] * 3, *["rollback"] * 2, "promote"]
