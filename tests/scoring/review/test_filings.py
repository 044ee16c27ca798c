import json
from datetime import date

import numpy as np
import pytest

from features.catalogs.reader import read_catalog
from scoring.review.filings import LONGEST_UID, Sheet, admit, projects_on_file, uids_of
from scoring.review.models import AuditEntry, CatalogText, Filing, Project, User


@pytest.fixture
def clerk(person):
    return lambda: person("clerk", "analyst")


def test_every_row_is_a_new_filing_or_known(stores, clerk, sheet):
    by = clerk()
    first = admit(sheet(("P1", "2024-01-01"), ("P2", "2024-02-01")), by)
    assert (first.projects, first.filings, first.known) == (2, 2, 0)
    again = admit(sheet(("P2", "2024-02-01"), ("P1", "2024-06-01"), ("P3", "2024-06-01")), by)
    assert (again.projects, again.filings, again.known) == (1, 2, 1)
    assert again.uids == ("P2", "P1", "P3")
    assert again.ids[0] == first.ids[1]
    assert Project.objects.count() == 3
    assert Filing.objects.count() == 4


def test_what_was_first_seen_stands(store, clerk, sheet):
    by = clerk()
    admit(sheet(("P1", "2024-01-01"), cost=[5.0]), by)
    admit(sheet(("P1", "2024-01-01"), cost=[7.0], recorded="2024-07-01"), by)
    kept = Filing.objects.get()
    assert json.loads(kept.attributes)["cost"] == 5.0
    assert kept.recorded_on == date(2024, 1, 1)


def test_spellings_of_one_number_are_one_project_and_the_first_is_shown(store, clerk, sheet):
    by = clerk()
    admit(sheet(("XM 1", "2024-01-01")), by)
    assert admit(sheet(("ｘｍ　1", "2024-06-01")), by).uids == ("XM 1",)
    assert Project.objects.get().uid == "XM 1"


def test_a_filing_twice_in_one_sheet_is_kept_once(store, clerk, sheet):
    found = admit(sheet(("P1", "2024-01-01"), ("p1", "2024-01-01"), cost=[5.0, 7.0]), clerk())
    assert (found.projects, found.filings, found.known) == (1, 1, 1)
    assert found.ids[0] == found.ids[1]


def test_a_filing_says_where_it_is_from(store, clerk, sheet, kilns):
    by = clerk()
    admit(sheet(("P1", "2024-01-01"), ("P2", "2024-01-01"), source="spring.csv"), by)
    second = Filing.objects.get(project__uid="P2")
    assert (second.source, second.line, second.catalog_id) == ("spring.csv", 3, kilns.digest)
    assert CatalogText.objects.get().text == kilns.text
    told = AuditEntry.objects.get()
    assert (told.user, told.action, told.detail["filings"]) == (by, "filings.admit", 2)


def test_rows_without_a_number_go_by_key_and_day(kilns, kiln_rows):
    rows = kiln_rows(("P1", "2024-01-01"), (None, "2024-02-01"))
    rows["site"] = ["mill", "mill"]
    assert uids_of(rows, kilns) == ["P1", "mill @ 2024-02-01"]
    assert uids_of(rows.drop(columns="project_uid"), kilns) == ["mill @ 2024-01-01", "mill @ 2024-02-01"]


def test_a_number_of_any_length_is_kept_apart_from_others(stores, clerk, sheet):
    long = ["长" * 5000 + end for end in "ab"]
    found = admit(sheet((long[0], "2024-01-01"), (long[1], "2024-01-01")), clerk())
    assert found.projects == 2
    assert max(len(uid) for uid in found.uids) == LONGEST_UID
    assert admit(sheet((long[0], "2024-01-01")), User.objects.get()).known == 1


def test_nothing_of_a_sheet_is_kept_where_one_row_cannot_be(store, clerk, sheet, kilns):
    rows = sheet(("P1", "2024-01-01"), ("P2", "2024-01-01")).rows
    rows["cost"] = [1.0, np.inf]
    with pytest.raises(ValueError, match="JSON"):
        admit(Sheet(rows, kilns, date(2024, 1, 1), "a.csv"), clerk())
    assert not Project.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_thousand_projects_are_more_than_one_query(stores, clerk, sheet):
    by = clerk()
    many = sheet(*((f"P{i}", "2024-01-01") for i in range(1200)))
    assert admit(many, by).filings == 1200
    assert admit(many, by).known == 1200


def test_projects_on_file_are_listed_by_filing(store, clerk, sheet, kilns):
    by = clerk()
    admit(sheet(("P2", "2024-01-01"), ("P1", "2024-01-01")), by)
    admit(sheet(("P1", "2024-06-01")), by)
    found = projects_on_file("kilns")
    assert found["uid"].tolist() == ["P1", "P2", "P1"]
    assert found["name"].tolist() == ["site P1", "site P2", "site P1"]
    assert projects_on_file("repd").empty
    assert read_catalog("repd").digest != kilns.digest
