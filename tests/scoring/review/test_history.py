from contextlib import suppress
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from features.errors import Refused
from features.filing import dated
from features.timeline import trace
from scoring.review.filings import Sheet, admit
from scoring.review.history import catalogs_on_file, rows_recorded_by
from scoring.review.ledger import append

LAST = date(2030, 1, 1)


@pytest.fixture
def by(store, person):
    return person("clerk", "analyst")


def cell(found, uid, column):
    rows = found.rows[found.rows["project_uid"] == uid]
    return rows[column].astype("str").fillna("").tolist()


def test_a_history_is_typed_as_the_reader_types_it_and_in_order(by, sheet, entry):
    columns = {"cost": [2.0, 1.0, np.nan], "trade": pd.array(["砖", None, None], dtype="str")}
    admit(sheet(("b", "2020-01-01"), ("a", "2020-01-01"), ("c", "2019-01-01"), **columns), by)
    append([entry("a", "landed", "2020-05-01")], by)
    found = rows_recorded_by(LAST)
    assert found.rows["project_uid"].tolist() == ["c", "a", "b"]
    assert found.rows["cost"].fillna(0).tolist() == [0, 1, 2]
    days = found.rows[["proposed", "begun", "begun_seen", "fired", "recorded_produced", "left", "recorded_withdrawn"]]
    assert set(days.dtypes.astype(str)) == {"datetime64[s]"}
    assert [m.recorded for m in found.catalog.milestones.values()] == [
        "begun_seen", "recorded_produced", "recorded_withdrawn",
    ]  # fmt: skip


def test_order_is_that_of_the_letters_on_every_kind_of_store(stores, person, sheet):
    uids = ["b", "B 2", "a", "É", "e", "砖", "_", "10", "9"]
    admit(sheet(*((uid, "2020-01-01") for uid in uids)), person("clerk", "analyst"))
    assert rows_recorded_by(LAST).rows["project_uid"].tolist() == sorted(uids)


def test_filings_and_milestones_show_from_their_day_of_record(by, sheet, entry):
    admit(sheet(("P1", "2020-01-01"), recorded="2020-02-01"), by)
    append([entry("P1", "landed", "2020-05-01", "2020-06-01")], by)
    append([entry("P1", "landed", "2020-04-01", "2020-09-01")], by)
    with pytest.raises(Refused, match="nothing was filed by 2020-01-31"):
        rows_recorded_by(date(2020, 1, 31))
    assert cell(rows_recorded_by(date(2020, 5, 31)), "P1", "begun") == [""]
    assert cell(rows_recorded_by(date(2020, 6, 1)), "P1", "begun") == ["2020-05-01"]
    assert cell(rows_recorded_by(LAST), "P1", "begun") == ["2020-04-01"]
    assert cell(rows_recorded_by(LAST), "P1", "begun_seen") == ["2020-06-01"]


def test_a_milestone_belongs_to_the_filing_in_which_it_happened(by, sheet, entry):
    admit(sheet(("P1", "2020-01-01"), recorded="2020-01-01"), by)
    append([entry("P1", "withdrawn", "2021-01-01", "2021-01-01")], by)
    admit(sheet(("P1", "2022-01-01"), recorded="2022-01-01"), by)
    append([entry("P1", "landed", "2022-05-01", "2022-06-01")], by)
    found = rows_recorded_by(LAST)
    assert cell(found, "P1", "left") == ["2021-01-01", ""]
    assert cell(found, "P1", "begun") == ["", "2022-05-01"]


def test_what_came_with_the_first_load_has_the_lag_of_the_catalogue(by, sheet, entry):
    admit(sheet(("P1", "2020-01-01"), ("P2", "2020-01-01"), recorded="2022-01-01"), by)
    append([entry("P1", "landed", "2020-05-01", "2022-01-01")], by)
    append([entry("P2", "landed", "2020-05-01", "2022-07-01")], by)
    found = rows_recorded_by(LAST)
    assert cell(found, "P1", "begun_seen") == [""]
    assert cell(found, "P2", "begun_seen") == ["2022-07-01"]
    lives = trace(found.rows, found.catalog, as_of=np.datetime64(LAST))
    assert lives.known["landed"].astype(str).tolist() == ["2020-07-31", "2022-07-01"]


def test_a_filing_kept_on_its_day_is_a_dated_snapshot(by, sheet):
    admit(sheet(("P1", "2024-01-01"), recorded="2024-01-01"), by)
    admit(sheet(("P2", "2024-01-01"), recorded="2024-06-01"), by)
    found = rows_recorded_by(LAST)
    assert dated(found.rows, found.catalog).tolist() == [True, False]


def test_several_catalogues_are_asked_about(by, sheet, kilns, kiln_rows):
    other = replace(kilns, name="mills", digest="e" * 64)
    admit(sheet(("P1", "2024-01-01")), by)
    admit(Sheet(kiln_rows(("P2", "2024-01-01")), other, date(2024, 3, 1), "m.csv"), by)
    assert catalogs_on_file(date(2024, 2, 1)) == ("kilns",)
    assert len(rows_recorded_by(date(2024, 2, 1)).rows) == 1
    with pytest.raises(Refused, match="kilns, mills"):
        rows_recorded_by(LAST)
    assert rows_recorded_by(LAST, "kilns").rows["project_uid"].tolist() == ["P1"]
    with pytest.raises(Refused, match="repd"):
        rows_recorded_by(LAST, "repd")


DAYS = st.dates(date(2020, 1, 1), date(2022, 12, 31))
UIDS = st.sampled_from(["P1", "P2"])
STEPS = st.lists(
    st.tuples(st.just("file"), UIDS, DAYS, st.just("")) | st.tuples(
        st.just("enter"), UIDS, st.none() | DAYS, st.sampled_from(["landed", "produced", "withdrawn"])
    ),
    min_size=2,
    max_size=12,
)  # fmt: skip


def done(steps, by, sheet, entry):
    for recorded, (kind, uid, day, milestone) in steps:
        if kind == "file":
            admit(sheet((uid, str(day)), recorded=str(recorded), cost=[float(day.toordinal())]), by)
            continue
        with suppress(Refused):  # not on file, or nothing to take back
            append([entry(uid, milestone, None if day is None else str(day), str(recorded))], by)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, data=st.data())
def test_the_history_of_a_day_never_depends_on_what_was_recorded_after_it(by, sheet, entry, steps, data):
    recorded = sorted(data.draw(st.lists(DAYS, min_size=len(steps), max_size=len(steps))))
    script = [(recorded[0], ("file", "P1", date(2020, 1, 1), "")), *zip(recorded, steps, strict=True)]
    day = data.draw(st.sampled_from(recorded))
    found = []
    for known in ([step for step in script if step[0] <= day], script):
        with transaction.atomic():
            done(known, by, sheet, entry)
            found.append(rows_recorded_by(day).rows)
            transaction.set_rollback(True)
    assert_frame_equal(*found, check_exact=True)
