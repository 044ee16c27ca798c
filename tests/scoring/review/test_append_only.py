import importlib

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from scoring.review.models import AppendOnly, Approval, Proposal, Reign, Training, User

TABLES = sorted(model._meta.db_table for model in AppendOnly.__subclasses__())


def model_of(table):
    return next(model for model in AppendOnly.__subclasses__() if model._meta.db_table == table)


def test_the_migration_guards_every_append_only_table():
    assert sorted(importlib.import_module("scoring.review.migrations.0002_append_only").TABLES) == TABLES


def assert_refused(statement, kind=IntegrityError):
    with pytest.raises(kind), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_no_row_is_changed_or_deleted(filled):
    for table in TABLES:
        model = model_of(table)
        before = list(model.objects.values())
        assert before
        column = next(f.column for f in model._meta.fields if not f.primary_key and not f.is_relation)
        assert_refused(f"UPDATE {table} SET {column} = {column}")
        assert_refused(f"DELETE FROM {table}")
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.first().save()
        assert list(model.objects.values()) == before


def test_no_table_is_emptied_or_overwritten_by_the_back_door(filled):
    for table in TABLES:
        before = list(model_of(table).objects.values())
        if connection.vendor == "postgresql":
            assert_refused(f"TRUNCATE {table} CASCADE", DatabaseError)
        else:
            assert_refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        assert list(model_of(table).objects.values()) == before


@pytest.fixture
def people(filled):
    return User.objects.get(name="one"), User.objects.get(name="two")


@pytest.fixture
def proposal(people, bundle_hash):
    return Proposal.objects.create(bundle_hash=bundle_hash("n"), version=2, proposer=people[0], reason="better")


def approved(proposal, **changed):
    return Approval(
        **{
            "proposal": proposal,
            "bundle_hash": proposal.bundle_hash,
            "proposer": proposal.proposer,
            "approver": User.objects.get(name="two"),
            "reason": "yes",
            **changed,
        }
    )


def test_the_database_takes_an_approval_by_another(proposal):
    approved(proposal).save()


def test_the_database_refuses_an_approval_by_the_proposer(proposal, people):
    with pytest.raises(IntegrityError, match="approval_by_another"), transaction.atomic():
        approved(proposal, approver=people[0]).save()


def test_the_database_refuses_an_approval_that_names_another_proposer(proposal, people):
    with pytest.raises(IntegrityError, match="of its proposal"), transaction.atomic():
        approved(proposal, proposer=people[1], approver=people[0]).save()


def test_the_database_refuses_an_approval_of_another_bundle(proposal, bundle_hash):
    with pytest.raises(IntegrityError, match="of its proposal"), transaction.atomic():
        approved(proposal, bundle_hash=bundle_hash("m")).save()


def test_the_database_refuses_a_second_approval_of_one_proposal(proposal):
    approved(proposal).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        approved(proposal).save()


@pytest.mark.parametrize("model", [Proposal, Approval, Reign])
def test_the_database_refuses_an_empty_reason(proposal, people, model, bundle_hash):
    made = {
        Proposal: lambda: Proposal(bundle_hash=bundle_hash("n"), version=2, proposer=people[0], reason=""),
        Approval: lambda: approved(proposal, reason=""),
        Reign: lambda: Reign(bundle_hash=bundle_hash("m"), version=1, kind="rollback", by=people[0], reason=""),
    }[model]()
    with pytest.raises(IntegrityError, match="has_a_reason"), transaction.atomic():
        made.save()


def test_the_database_lets_only_an_approved_bundle_rule(proposal, people, bundle_hash):
    made = {"version": 2, "by": people[1], "reason": "yes"}
    with pytest.raises(IntegrityError, match="only an approved"), transaction.atomic():
        Reign.objects.create(bundle_hash=bundle_hash("n"), kind="rollback", **made)
    own = approved(proposal)
    own.save()
    with pytest.raises(IntegrityError, match="only an approved"), transaction.atomic():
        Reign.objects.create(bundle_hash=bundle_hash("m"), kind="promote", approval=own, **made)
    with pytest.raises(IntegrityError, match="promotes_what_is_approved"), transaction.atomic():
        Reign.objects.create(bundle_hash=bundle_hash("n"), kind="promote", **made)
    Reign.objects.create(bundle_hash=bundle_hash("n"), kind="promote", approval=own, **made)


def test_nobody_whose_deeds_are_on_record_is_deleted(filled):
    for user in User.objects.all():
        with pytest.raises(DatabaseError), transaction.atomic():
            user.delete()
    assert Training.objects.get().by.name == "one"
