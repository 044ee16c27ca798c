from dataclasses import replace

import pytest

from features.catalogs.reader import read_catalog
from features.synthetic import Design, generate
from models.recipe import read_recipe


@pytest.fixture
def recipe_file(tmp_path):
    recipe = read_recipe()
    short = replace(recipe, trees=replace(recipe.trees, rounds=10), level=replace(recipe.level, folds=2))
    path = tmp_path / "recipe.toml"
    path.write_text(replace(short, bag=replace(recipe.bag, members=2)).text, encoding="utf-8")
    return path


@pytest.fixture
def ledger(person):
    from scoring.review.filings import Sheet, admit
    from scoring.review.ledger import Entry, append

    catalog, li = read_catalog("zhaoshang"), person("li", "analyst")
    register = generate(Design(n_projects=80, first_year=2018, years=5), seed=4)
    admit(Sheet(register.filings, catalog, register.design.day.item(), "ledger.csv"), li)
    day, history = register.design.day.item(), register.history
    for milestone in ("landed", "produced"):
        column = catalog.milestones[milestone].columns[0]
        told = history[history[column].notna()]
        days = zip(told["project_uid"], told[column].dt.date, strict=True)
        append([Entry(uid, milestone, happened, day, "feed.csv") for uid, happened in days], li)
    return str(day)


def test_without_a_store_it_says_how_to_make_one(luodi, no_store):
    said = luodi("--lang", "en", "retrain")
    assert said.code == 2
    assert "luodi store init" in said.err


def test_an_empty_store_says_what_to_load(luodi, store):
    said = luodi("--lang", "en", "retrain")
    assert said.code == 2
    assert "load a ledger first" in said.err


def test_it_advises_names_the_report_and_promotes_nothing(luodi, stores, registry_home, ledger, recipe_file):
    from scoring.review.approvals import champion

    said = luodi("retrain", "--as-of", ledger, "--recipe", recipe_file)
    assert said.code == 0
    assert "建议：换用新模型" in said.out
    assert (stores / "reports").exists()
    assert "第 1 版" in said.out
    assert "models propose 1" in said.err
    assert champion() is None


def test_while_one_retrains_another_is_told_so(luodi, store, ledger, recipe_file, monkeypatch):
    from scoring.store import exclusive

    monkeypatch.setattr("scoring.settings.PATIENCE_SECONDS", 0.2)
    with exclusive("retrain", 1):
        said = luodi("--lang", "en", "retrain", "--as-of", ledger, "--recipe", recipe_file)
    assert said.code == 2
    assert "retrain" in said.err
