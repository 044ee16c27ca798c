import json
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from features.catalogs.reader import read_catalog
from features.synthetic import Design, generate
from features.words import Language
from models.bundle import load
from models.recipe import Bag, read_recipe
from scoring.policy_reader import read_policy
from scoring.relearning import Relearned, Wanted, fingerprint, pipeline, relearn

DAY = date(2023, 12, 31)


@dataclass(frozen=True)
class Office:
    var: Path
    first: Relearned
    again: Relearned


@pytest.fixture(scope="module")
def register():
    return generate(Design(n_projects=260, first_year=2016, years=8), seed=3)


@pytest.fixture(scope="module")
def recipe():
    recipe = read_recipe()
    short = replace(recipe, trees=replace(recipe.trees, rounds=20), level=replace(recipe.level, folds=2))
    return replace(short, bag=Bag(2))


@pytest.fixture(scope="module")
def office(store_templates, empty_registry, tmp_path_factory, register, recipe):
    """A store that holds the register, each event on record two months after its day; trained from, and again.

    The first model rules by then, so that the second report tells how the pipeline moves.
    """
    from scoring.review.approvals import approve, propose
    from scoring.review.filings import Sheet, admit
    from scoring.review.ledger import Entry, append

    with store_templates.place("sqlite", tmp_path_factory.mktemp("office") / "var") as var:
        shutil.copy(empty_registry, var / "mlflow.db")
        catalog, li, wang = read_catalog("zhaoshang"), _person("li", "analyst"), _person("wang", "chair")
        admit(Sheet(register.filings, catalog, date(2016, 1, 1), "ledger.csv"), li)
        append(list(_entries(register.history, catalog, Entry)), li)
        first = relearn(Wanted(DAY, recipe=recipe), None, Language.ZH)
        propose(first.logged.version, first.digest, li, "the first")
        approve(first.logged.version, wang, "as proposed")
        yield Office(var, first, relearn(Wanted(DAY, recipe=recipe), li, Language.ZH))


def _person(name, role):
    from django.contrib.auth.models import Group

    from scoring.review.models import User

    user = User.objects.create(name=name)
    user.groups.set(Group.objects.filter(name=role))
    return user


def _entries(history, catalog, make):
    for milestone in catalog.milestones.values():
        column = milestone.columns[0]
        told = history[history[column].notna()]
        for uid, day in zip(told["project_uid"], told[column].dt.date, strict=True):
            recorded = min((np.datetime64(day) + 60).item(), DAY)
            yield make(uid, milestone.id, day, recorded, "feed.csv")


def test_the_same_store_gives_the_same_bundle(office):
    assert office.first.digest == office.again.digest
    assert (office.first.logged.version, office.again.logged.version) == (1, 2)


def test_each_training_is_on_record_with_who_asked_for_it(office):
    from scoring.review.trainings import last_training

    kept = last_training()
    assert (kept.bundle_hash, kept.version, kept.as_of) == (office.again.digest, 2, DAY)
    assert (kept.by.name, kept.report) == ("li", str(office.again.report))
    assert kept.catalog.digest == load(office.var / "bundles" / office.again.digest).catalog.digest


def test_the_report_lies_whole_in_the_office_and_says_what_it_cannot_know(office):
    page = (office.first.report / "report.html").read_text(encoding="utf-8")
    told = json.loads((office.first.report / "report.json").read_text(encoding="utf-8"))
    assert "只有获准入库的项目才有结果" in page
    assert told["advice"]["verdict"] == "promote"
    assert told["challenger"] == office.first.digest


def test_the_office_is_told_by_name_how_its_pipeline_moves(office):
    told = json.loads((office.again.report / "report.json").read_text(encoding="utf-8"))
    assert told["moves"]["projects"][0]["project"].startswith("示例")
    assert told["moves"]["counts"]["largest_move"] == 0.0  # the same model twice
    assert told["advice"]["verdict"] == "keep"


def test_no_name_of_a_project_or_a_firm_is_in_anything_the_registry_keeps(office, register):
    kept = [path for path in (office.var / "mlartifacts").rglob("*") if path.is_file()]
    assert {"report.zh.html", "report.en.html", "report.json"} <= {path.name for path in kept}
    filings = register.filings
    names = {str(n).encode() for column in ("project_name", "investor_name", "uscc") for n in filings[column].dropna()}
    for path in kept:
        content = path.read_bytes()
        assert not [name for name in names if name in content], path


def test_the_pipeline_holds_those_who_wait_and_whom_no_red_line_stops(register):
    catalog = read_catalog("zhaoshang")
    waiting = pipeline(register.history, catalog, read_policy(catalog.policy, catalog), np.datetime64(DAY))
    assert 0 < len(waiting) < len(register.history)
    assert waiting[catalog.milestones["produced"].columns[0]].isna().all()
    assert waiting[catalog.milestones["withdrawn"].columns[0]].isna().all()


def test_the_fingerprint_changes_with_a_cell_and_not_with_a_copy(register):
    rows = register.history
    assert fingerprint(rows) == fingerprint(rows.copy())
    assert fingerprint(rows) != fingerprint(rows.assign(project_name=rows["project_name"].iloc[::-1].to_numpy()))
