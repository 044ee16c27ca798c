from dataclasses import replace

import numpy as np
import pytest

from features.catalog import ASKED
from features.filing import volatile_ids
from features.synthetic import VOLATILE, Design, generate
from models.recipe import read_recipe
from models.training import asked_model, known_on

DEFAULT = read_recipe()
QUICK = replace(DEFAULT, trees=replace(DEFAULT.trees, rounds=80), level=replace(DEFAULT.level, folds=2))


@pytest.fixture(scope="module")
def ledger():
    """A register whose ledger shows the volatile cells as they stand today, not as they were filed."""
    return generate(Design(n_projects=800, years=8, shock_sd=0.0, overwrite=True), seed=3)


@pytest.fixture(scope="module")
def filings(ledger):
    """The same register, with each row as it was filed before its review."""
    return ledger.history.assign(**{column: ledger.filings[column] for column in ledger.filings})


@pytest.fixture(scope="module")
def fresh(ledger):
    return ledger.new_round(2000, seed=5)


@pytest.fixture(scope="module")
def models(ledger, filings, zhaoshang):
    keep = replace(QUICK, attributes=replace(QUICK.attributes, volatile="keep"))
    ways = {"naive": (ledger.history, keep), "dropped": (ledger.history, QUICK), "dated": (filings, QUICK)}
    known = {
        way: known_on(rows, zhaoshang, as_of=ledger.design.day, recipe=recipe) for way, (rows, recipe) in ways.items()
    }
    return {way: asked_model(one) for way, one in known.items()}


@pytest.fixture(scope="module")
def figures(models, fresh):
    return {way: model.explain(fresh.rows) for way, model in models.items()}


def expected_loss(figure, truth):
    """The mean log loss to be expected of the figures, less that of the true chances: 0 = could not be better."""
    loss = -(truth * np.log(figure / truth) + (1 - truth) * np.log((1 - figure) / (1 - truth)))
    return loss.mean()


@pytest.mark.parametrize("clock", ASKED)
@pytest.mark.parametrize("way", ["dropped", "dated"])
def test_learning_from_overwritten_cells_loses_on_honest_filings(figures, fresh, clock, way):
    truth = fresh.truth[f"p_{clock}"].to_numpy()
    naive, proper = (expected_loss(figures[one][clock].figure, truth) for one in ("naive", way))
    assert naive > 2 * proper
    assert naive > proper + 0.1


@pytest.mark.parametrize("clock", ASKED)
def test_learning_from_overwritten_cells_misses_the_level(figures, fresh, clock):
    truth = fresh.truth[f"p_{clock}"].to_numpy()
    off = {way: abs(told[clock].figure.mean() - truth.mean()) for way, told in figures.items()}
    assert off["naive"] > 0.15
    assert max(off["dropped"], off["dated"]) < 0.08


@pytest.mark.parametrize("clock", ASKED)
def test_learning_from_overwritten_cells_loses_the_order(figures, fresh, clock):
    truth = fresh.truth[f"p_{clock}"].rank()
    order = {way: np.corrcoef(truth, np.argsort(np.argsort(told[clock].figure)))[0, 1] for way, told in figures.items()}
    assert order["naive"] < order["dated"] - 0.03


def overwritten(catalog):
    return {name for name in VOLATILE if catalog.attributes[name].is_feature}


def test_the_warning_names_every_column_that_was_left_out(models, zhaoshang):
    (warning,) = [words for words in models["dropped"].builder.warnings_ if "ledgers overwrite" in words.en]
    for column in overwritten(zhaoshang):
        assert zhaoshang.attributes[column].label.en in warning.en
        assert zhaoshang.attributes[column].label.zh in warning.zh
    assert warning.en in [said["en"] for said in models["dropped"].card["warnings"]]


def test_overwritten_columns_train_only_where_they_are_dated_or_asked_for(models, zhaoshang):
    read = {way: {c.id for c in model.builder.columns_} for way, model in models.items()}
    assert not read["dropped"] & set(volatile_ids(zhaoshang))
    assert overwritten(zhaoshang) <= read["dated"]
    assert overwritten(zhaoshang) <= read["naive"]
