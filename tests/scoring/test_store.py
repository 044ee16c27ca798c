import sqlite3
from contextlib import closing

import pytest
from django.db import connection, connections

from features.errors import Refused
from scoring.review.audit import newest, note
from scoring.store import initialise, prepare, require, settled


def test_a_store_that_is_not_there_says_how_to_make_one(no_store):
    with pytest.raises(Refused, match="luodi store init"):
        require()
    assert list(no_store.glob("*.sqlite3")) == []


def test_making_a_store_twice_changes_nothing(no_store):
    assert "ready" in initialise().en
    require()
    assert "up to date" in initialise().en


def test_a_fresh_store_of_each_kind_is_of_this_version(stores):
    require()


def test_a_file_takes_its_writers_one_by_one_and_keeps_its_word(store):
    with connection.cursor() as cursor:
        said = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert said == ["wal", 2, 1]
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_database_that_cannot_be_reached_is_told_in_words_without_its_password(store, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://luodi:secret@127.0.0.1:9/county")
    for step in (require, initialise):
        with pytest.raises(Refused, match=r"127\.0\.0\.1:9/county|must be reachable") as refused:
            step()
        assert "secret" not in str(refused.value)


def test_a_store_in_another_folder_is_another_store(store, tmp_path, monkeypatch):
    monkeypatch.setenv("LUODI_VAR", str(tmp_path / "elsewhere"))
    with pytest.raises(Refused, match="elsewhere"):
        require()
    monkeypatch.setenv("LUODI_VAR", str(store))
    require()


def test_what_is_not_finished_is_not_kept(stores):
    def half():
        note(None, "test", "half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), settled():
        half()
    assert newest()[0] == 0


def test_a_busy_file_is_told_in_words_after_the_wait(store, monkeypatch):
    connections.close_all()
    monkeypatch.setattr("scoring.settings.PATIENCE_SECONDS", 0.1)
    prepare()
    with closing(sqlite3.connect(store / "luodi.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Refused, match="database is locked"), settled():
            pass


def test_a_file_that_is_no_database_is_told_in_words(store):
    connections.close_all()
    (store / "luodi.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(Refused, match="file is not a database"):
        require()
