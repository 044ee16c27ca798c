from dataclasses import replace

import numpy as np
import pytest

from features.catalog import ASKED, EXPLAINED, Clock
from models.curve import incidence
from models.explain import by_dimension
from models.model import Model


@pytest.fixture(scope="module")
def round_rows(register):
    return register.new_round(300, seed=1).rows


@pytest.fixture(scope="module")
def figures(model, round_rows):
    return model.explain(round_rows)


def hasty(model: Model) -> Model:
    """The same model with a production clock that runs far ahead of its landing clock."""
    produced = model.hazards[Clock.PRODUCED]
    ahead = replace(produced, level=replace(produced.level, baseline=produced.level.baseline + 3.0))
    return replace(model, hazards={**model.hazards, Clock.PRODUCED: ahead})


@pytest.mark.parametrize("clock", ASKED)
@pytest.mark.parametrize("changed", [False, True], ids=["as trained", "overtaken"])
def test_base_and_points_add_up_to_the_figure_by_attribute_and_by_dimension(model, round_rows, clock, changed):
    features = model.features(round_rows)
    told = (hasty(model) if changed else model).figures(features)[clock]
    np.testing.assert_allclose(told.base + told.points.sum(axis=1), told.figure, atol=1e-12)
    sums = by_dimension(told.points, [c.dimension for c in features.columns])
    np.testing.assert_allclose(told.base + sum(sums.values()), told.figure, atol=1e-12)
    assert set(sums) == set(EXPLAINED)


def test_landed_is_never_below_produced_by_the_same_month(model, round_rows, zhaoshang):
    other = hasty(model)
    features = other.features(round_rows)
    told = other.figures(features)
    months = min(spec.horizon_months for spec in zhaoshang.clocks.values())
    produced = other.hazards[Clock.PRODUCED]
    n_periods = months // zhaoshang.period_months
    by_then = incidence(produced.baseline, produced.log_odds(features.matrix), n_periods, produced.spread_sd)
    assert (told[Clock.LANDED].figure >= by_then).all()
    overtaken = told[Clock.LANDED].overtaken
    assert overtaken.any()
    assert told[Clock.LANDED].figure[overtaken].tolist() == by_then[overtaken].tolist()


def test_the_common_month_is_the_earlier_horizon_whichever_clock_has_it(model, round_rows, zhaoshang):
    clocks = {clock: replace(spec, horizon_months=12) for clock, spec in zhaoshang.clocks.items()}
    clocks[Clock.LANDED] = replace(clocks[Clock.LANDED], horizon_months=36)
    told = replace(hasty(model), catalog=replace(zhaoshang, clocks=clocks)).explain(round_rows)
    overtaken = told[Clock.LANDED].overtaken
    assert overtaken.any()
    assert told[Clock.LANDED].figure[overtaken].tolist() == told[Clock.PRODUCED].figure[overtaken].tolist()


def test_the_headline_is_never_altered(model, round_rows, zhaoshang):
    features = model.features(round_rows)
    n_periods = zhaoshang.clocks[Clock.PRODUCED].horizon_months // zhaoshang.period_months
    for one in (model, hasty(model)):
        told, hazard = one.figures(features)[Clock.PRODUCED], one.hazards[Clock.PRODUCED]
        score = hazard.log_odds(features.matrix)
        assert told.figure.tolist() == incidence(hazard.baseline, score, n_periods, hazard.spread_sd).tolist()
        assert not told.overtaken.any()


def test_a_project_is_told_the_same_alone_and_in_company(model, round_rows, figures):
    for i in (0, 41, 299):
        alone = model.explain(round_rows.iloc[[i]].reset_index(drop=True))
        for clock, told in alone.items():
            assert told.figure[0] == figures[clock].figure[i]
            assert told.points[0].tolist() == figures[clock].points[i].tolist()


def test_the_order_of_rows_and_columns_does_not_matter(model, round_rows, figures):
    turned = round_rows.iloc[::-1].reset_index(drop=True)[sorted(round_rows.columns, reverse=True)]
    for clock, told in model.explain(turned).items():
        assert told.figure[::-1].tolist() == figures[clock].figure.tolist()
        assert told.points[::-1].tolist() == figures[clock].points.tolist()


@pytest.mark.parametrize("clock", ASKED)
def test_directions_hold_on_a_grid_of_every_directed_attribute(model, round_rows, clock):
    features = model.features(round_rows.iloc[:20].reset_index(drop=True))
    directed = [j for j, c in enumerate(features.columns) if not c.categorical and c.directions.get(clock, 0)]
    whole = model.features(round_rows).matrix
    assert directed
    for j in directed:
        known = whole[~np.isnan(whole[:, j]), j]
        if not known.size:
            continue
        grid = np.repeat(features.matrix, 15, axis=0)
        grid[:, j] = np.tile(np.linspace(known.min(), known.max(), 15), 20)
        figure = model.figures(replace(features, matrix=grid))[clock].figure.reshape(20, 15)
        sign = features.columns[j].directions[clock]
        assert (sign * np.diff(figure, axis=1) >= -1e-12).all(), features.columns[j].id


def test_curves_end_in_the_headline(model, round_rows, figures):
    drawn = model.curves(model.features(round_rows))
    np.testing.assert_allclose(drawn[Clock.PRODUCED][:, -1], figures[Clock.PRODUCED].figure, rtol=1e-12)


def test_every_clock_is_fitted_up_to_the_reach(model, zhaoshang):
    for clock, spec in {**zhaoshang.clocks, **zhaoshang.later}.items():
        hazard = (model.hazards | model.later)[clock]
        assert hazard.clock is clock
        assert len(hazard.baseline) == -(-spec.reach_months // zhaoshang.period_months)


def test_the_bag_deviates_alone_as_in_company_and_not_without_refits(model, round_rows):
    features = model.features(round_rows)
    deviations = model.bagged(features)
    assert deviations.shape == (3, 300)
    assert deviations.any(axis=1).all()
    alone = model.bagged(model.features(round_rows.iloc[[41]].reset_index(drop=True)))
    assert alone[:, 0].tolist() == deviations[:, 41].tolist()
    assert replace(model, bag=None).bagged(features).shape == (0, 300)


def test_a_model_with_outcomes_is_not_cold(model):
    assert not model.cold
    clocks = {name: {**told, "events": 0} for name, told in model.card["clocks"].items()}
    assert replace(model, card={**model.card, "clocks": clocks}).cold
