import subprocess
import sys

import pytest
from django.db import connection

from scoring.review.audit import BEGINNING, newest, note, verify_chain
from scoring.review.models import AppendOnly, Approval, AuditEntry, Reign
from scoring.review.soundness import guards, unsound

NOTING = "from scoring.review.audit import note\nfor i in range(20): note(None, 'test', str(i))"


def ruin(*statements):
    """Do what only somebody with the database in hand can: switch the guards off, and change a row."""
    switch = {
        "sqlite": [f"DROP TRIGGER {name}" for names in guards().values() for name in names],
        "postgresql": [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in guards()],
    }[connection.vendor]
    with connection.cursor() as cursor:
        for statement in (*switch, *statements):
            cursor.execute(statement)


@pytest.fixture
def trail(stores, person):
    for i in range(5):
        note(person(f"u{i}", "chair"), "test", f"第 {i} 件", figure=0.1 + 0.2, when="2024-01-01")


def test_the_trail_is_whole_and_each_entry_names_the_one_before(trail):
    assert verify_chain() is None
    entries = list(AuditEntry.objects.order_by("id"))
    assert [entry.previous for entry in entries] == [BEGINNING, *(entry.digest for entry in entries[:-1])]
    assert newest() == (5, entries[-1].digest)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE review_auditentry SET subject = 'x' WHERE id = 3",
        "UPDATE review_auditentry SET user_id = 1 WHERE id = 3",
        "UPDATE review_auditentry SET detail = '{}' WHERE id = 3",
        "DELETE FROM review_auditentry WHERE id = 2",
    ],
)
def test_an_entry_changed_or_taken_out_shows(trail, change):
    ruin(change)
    assert verify_chain() == 3
    assert "entry 3 is not as it was written" in str(unsound()[-1])


def test_entries_of_two_processes_make_one_chain(stores):
    running = [subprocess.Popen([sys.executable, "-c", NOTING]) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert newest()[0] == 40
    assert verify_chain() is None


def test_every_guard_that_is_gone_is_named(filled):
    assert unsound() == []
    ruin()
    assert [problem.column for problem in unsound()] == list(guards())
    assert set(guards()) == {model._meta.db_table for model in AppendOnly.__subclasses__()}


def test_an_approval_or_a_champion_made_by_the_back_door_shows(filled, bundle_hash):
    other = bundle_hash("other")
    ruin(f"UPDATE review_approval SET bundle_hash = '{other}'")
    told = [problem.column for problem in unsound()]
    assert told[-2:] == ["review_approval", "review_reign"]
    assert Approval.objects.get().bundle_hash == other != Reign.objects.get().bundle_hash
