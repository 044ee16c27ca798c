from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from features.errors import Refused
from scoring.review.models import AppendOnly, MilestoneEntry, Score
from scoring.review.people import ROLES
from scoring.review.soundness import unsound
from scoring.store import initialise, require

FIRST = ("review", "0001_initial")


def tables():
    return {model: list(model.objects.order_by("pk").values()) for model in AppendOnly.__subclasses__()}


def test_the_models_have_no_change_without_its_migration(store):
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


def test_an_empty_database_comes_to_this_version(no_store):
    initialise()
    require()
    assert {group.name for group in Group.objects.all()} == set(ROLES)
    assert unsound() == []


def test_rows_of_the_first_version_come_through_every_later_step(no_store, filler):
    executor = MigrationExecutor(connection)
    executor.migrate([FIRST, ("auth", "0012_alter_user_first_name_max_length")])
    old = executor.loader.project_state([FIRST]).apps
    with transaction.atomic():
        filler(lambda name: old.get_model("review", name))
    with pytest.raises(Refused, match="luodi store init"):
        require()
    before = tables()
    assert "ready" in initialise().en
    require()
    assert tables() == before
    assert Score.objects.get().figures == {"p": 0.1 + 0.2}
    assert unsound() == []
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        MilestoneEntry.objects.update(reason="changed")


def test_roles_that_are_there_already_are_kept(no_store):
    call_command("migrate", "review", "0002", verbosity=0)
    kept = Group.objects.create(name="chair").pk
    initialise()
    assert Group.objects.get(name="chair").pk == kept


def test_a_store_of_a_newer_version_is_refused(stores):
    MigrationRecorder(connection).record_applied("review", "9999_of_the_future")
    for step in (require, initialise):
        with pytest.raises(Refused, match="9999_of_the_future"):
            step()
