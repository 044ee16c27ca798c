import pytest

from features.errors import Refused
from scoring.store import initialise, require


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
