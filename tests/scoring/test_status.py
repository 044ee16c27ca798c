from datetime import date

import numpy as np
import pytest

from features.catalogs.reader import read_catalog
from models.bundle import save

EVENTS = (("landed", "start"), ("produced", "production"), ("withdrawn", "exit"))


@pytest.fixture(scope="module")
def bundle(watched_county, tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched") / "model"
    save(watched_county.model, folder)
    return folder


@pytest.fixture
def load(store, person):
    """Put a register's projects and what was recorded of them into the store, feed by feed."""
    from scoring.review.filings import Sheet, admit
    from scoring.review.ledger import Entry, append

    def loaded(register):
        clerk, rows = person("li", "analyst"), register.history
        early = rows["review_date"].dt.year.between(2017, 2019)  # enough to see it, and soon loaded
        filed = register.filings[early.to_numpy()]
        told = admit(Sheet(filed, read_catalog("zhaoshang"), date(2017, 1, 1), "county.csv"), clerk)
        entries = [
            Entry(uid, milestone, happened.date(), recorded.date(), "feed.csv")
            for milestone, column in EVENTS
            for uid, happened, recorded in zip(
                told.uids, rows.loc[early, f"{column}_date"], rows.loc[early, f"{column}_recorded"], strict=True
            )
            if recorded == recorded and recorded <= np.datetime64("2020-12-31")
        ]
        append(entries, clerk, date(2020, 12, 31))

    return loaded


def test_status_says_in_words_that_the_model_holds(luodi, load, watched_county, bundle):
    load(watched_county.quiet)
    said = luodi("status", "--model", bundle, "--as-of", "2019-12-31")
    assert said.code == 0, said.err
    assert said.out.splitlines()[0].startswith("平稳")
    assert "落地：预计登记" in said.out
    english = luodi("status", "--model", bundle, "--as-of", "2019-12-31", "--lang", "en")
    assert english.out.splitlines()[0].startswith("Calm")


def test_status_raises_the_alarm_and_the_exit_code(luodi, load, watched_county, bundle):
    load(watched_county.turned)
    said = luodi("status", "--model", bundle, "--as-of", "2020-12-31", "--lang", "en")
    assert said.code == 1, said.err
    assert said.out.startswith("ALARM: since about 20")
    assert "records expected since the training" in said.out
    assert "luodi retrain" in said.out


def test_without_a_store_status_says_how_to_make_one(luodi, no_store):
    said = luodi("status")
    assert said.code == 2
    assert "luodi store init" in said.err


def test_without_a_champion_status_says_how_to_get_one(luodi, store):
    said = luodi("status")
    assert said.code == 2
    assert "luodi models propose" in said.err
