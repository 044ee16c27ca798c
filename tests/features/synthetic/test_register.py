from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal
from sklearn.metrics import roc_auc_score

from features.catalog import DAYS_PER_MONTH, Clock, Dimension, Kind, Known
from features.synthetic import VOLATILE, Design, generate

SMALL = Design(n_projects=1500)
LATE = pd.Timestamp("2019-01-01")  # projects reviewed before have 60 months behind them at the snapshot


def came(register, event, months):
    days = (register.truth[event] - register.truth["review_date"]).dt.days
    return days < round(months * DAYS_PER_MONTH)


@pytest.mark.parametrize(
    ("figure", "event", "clock"),
    [("p_landed", "started_on", Clock.LANDED), ("p_produced", "produced_on", Clock.PRODUCED)],
)
def test_milestones_come_as_often_as_the_truth_says_in_every_tenth(county, catalog, figure, event, clock):
    happened = came(county, event, catalog.clocks[clock].horizon_months)
    p = county.truth[figure]
    assert happened.mean() == pytest.approx(p.mean(), abs=4 * np.sqrt(0.25 / len(p)))
    for _, tenth in p.groupby(pd.qcut(p, 10)):
        spread = np.sqrt((tenth * (1 - tenth)).sum()) / len(tenth)
        assert happened[tenth.index].mean() == pytest.approx(tenth.mean(), abs=4 * spread)


@pytest.mark.parametrize(
    ("figure", "event", "clock"),
    [("p_landed", "started_on", Clock.LANDED), ("p_produced", "produced_on", Clock.PRODUCED)],
)
def test_under_a_shock_they_come_as_often_as_the_truth_given_it_says(shaken, catalog, figure, event, clock):
    happened = came(shaken, event, catalog.clocks[clock].horizon_months)
    p = shaken.truth[f"{figure}_given_shock"]
    for _, year in p.groupby(shaken.truth["review_date"].dt.year):
        spread = np.sqrt((year * (1 - year)).sum()) / len(year)
        assert happened[year.index].mean() == pytest.approx(year.mean(), abs=4 * spread)


def test_over_many_registers_the_average_truth_holds():
    design = Design(n_projects=60, years=8, shock_sd=0.8)
    gaps = []
    for seed in range(60):
        truth = generate(design, seed=seed).truth
        gaps.append((truth["p_produced_given_shock"] - truth["p_produced"]).mean())
    assert np.mean(gaps) == pytest.approx(0.0, abs=4 * np.std(gaps) / np.sqrt(len(gaps)))
    assert np.std(gaps) > 0.02


def test_curves_reach_the_figures_of_the_truth(shaken, catalog):
    table = shaken.curves(shaken.truth, 36)
    landed, produced = (catalog.clocks[c].horizon_months for c in (Clock.LANDED, Clock.PRODUCED))
    assert table.landed[:, landed - 1] == pytest.approx(shaken.truth["p_landed_given_shock"].to_numpy(), abs=1e-12)
    assert table.produced[:, produced - 1] == pytest.approx(
        shaken.truth["p_produced_given_shock"].to_numpy(), abs=1e-12
    )


def test_without_shocks_the_average_truth_is_the_truth(county):
    assert county.truth["p_landed"].equals(county.truth["p_landed_given_shock"])


@pytest.mark.parametrize(
    ("months", "started", "produced"), [(12, 0.35, 0.08), (24, 0.52, 0.25), (36, 0.62, 0.42), (48, 0.70, 0.52)]
)
def test_base_rates_from_signing_are_the_published_ones(county, months, started, produced):
    signed = county.history["signed_date"][county.history["review_date"] < LATE].dropna()
    for event, published in (("started_on", started), ("produced_on", produced)):
        share = ((county.truth.loc[signed.index, event] - signed).dt.days < months * DAYS_PER_MONTH).mean()
        assert share == pytest.approx(published, abs=0.035)


def test_projects_in_the_park_start_more_by_about_fourteen_points(county):
    started = county.curves(county.truth, 14).landed[:, -1]
    by_park = pd.Series(started).groupby(county.history["in_park"]).mean()
    assert 0.08 < by_park[1.0] - by_park[0.0] < 0.18


def test_the_largest_fifth_by_cost_starts_least(county):
    started = pd.Series(county.curves(county.truth, 26).landed[:, -1])
    fifths = started.groupby(pd.qcut(county.history["total_investment"], 5, labels=False)).mean()
    assert fifths.idxmin() == 4
    assert fifths[4] == pytest.approx(0.36, abs=0.05)
    assert fifths[:4].mean() == pytest.approx(0.58, abs=0.05)


def test_framework_agreements_sign_and_do_not_land(county):
    landed = county.truth["p_landed"].groupby(county.history["agreement_type"]).mean()
    assert landed["框架"] < landed["正式投资协议"] - 0.04 < landed["土地/厂房合同"]


@pytest.mark.parametrize(
    ("figure", "event", "clock"),
    [("p_landed", "started_on", Clock.LANDED), ("p_produced", "produced_on", Clock.PRODUCED)],
)
def test_even_who_knows_the_truth_cannot_foretell_everything(county, catalog, figure, event, clock):
    happened = came(county, event, catalog.clocks[clock].horizon_months)
    assert 0.74 < roc_auc_score(happened, county.truth[figure]) < 0.82


def test_log_odds_are_the_sum_of_the_dimensions(shaken):
    for clock in ("landed", "finished"):
        parts = [f"{clock}_{d}" for d in (*Dimension, "unseen") if f"{clock}_{d}" in shaken.truth]
        assert len(parts) == 8
        assert shaken.truth[parts].sum(axis=1).to_numpy() == pytest.approx(shaken.truth[f"{clock}_log_odds"].to_numpy())


def test_the_same_design_and_seed_give_the_same_register():
    one, other = generate(SMALL, seed=8), generate(SMALL, seed=8)
    for frame in ("history", "filings", "truth"):
        assert_frame_equal(getattr(one, frame), getattr(other, frame), check_exact=True)
    assert_frame_equal(one.new_round(20, seed=1).rows, other.new_round(20, seed=1).rows, check_exact=True)
    assert not generate(SMALL, seed=9).history["total_investment"].equals(one.history["total_investment"])


@pytest.mark.parametrize(
    "cloud",
    [{"shock_sd": 0.0}, {"missingness": 0.0}, {"heaping": 0.0}, {"reporting_delay": 0.0}, {"overwrite": True}],
    ids=lambda cloud: next(iter(cloud)),
)
def test_switching_one_cloud_leaves_the_others_draws_alone(cloud):
    before, after = generate(SMALL, seed=4), generate(replace(SMALL, **cloud), seed=4)
    both = before.filings.notna() & after.filings.notna()
    assert_frame_equal(before.filings.where(both), after.filings.where(both), check_exact=True)
    assert_series_equal(before.truth["landed_log_odds"], after.truth["landed_log_odds"], check_exact=True)
    if "shock_sd" not in cloud:
        assert_frame_equal(before.truth, after.truth, check_exact=True)
    if "missingness" not in cloud:
        assert_frame_equal(before.filings, after.filings, check_exact=True)


def test_switching_fakes_off_leaves_the_honest_projects_alone():
    before, after = generate(SMALL, seed=4), generate(replace(SMALL, fakes=0.0), seed=4)
    honest = ~before.truth["fake"]
    assert 0 < (~honest).sum() < 60
    assert not after.truth["fake"].any()
    assert_frame_equal(before.history[honest], after.history[honest], check_exact=True)


def test_every_column_belongs_to_the_catalogue_and_every_attribute_known_at_review_is_filed(county, catalog):
    derived = {d.attribute.id for d in catalog.derived}
    assert list(county.history) == [a for a in catalog.attributes if a in county.history]
    assert set(catalog.attributes) - set(county.history) <= derived
    later = {name for name, a in catalog.attributes.items() if a.known is Known.LATER}
    assert not later & set(county.filings)
    assert set(county.filings) | later == set(county.history)


def test_columns_have_the_types_of_typed_rows(county, catalog):
    dtypes = {Kind.NUMBER: "float64", Kind.INTEGER: "float64", Kind.FLAG: "float64", Kind.DATE: "datetime64[s]"}
    for frame in (county.history, county.filings):
        assert frame.index.equals(pd.RangeIndex(len(frame)))
        for name, column in frame.items():
            assert str(column.dtype) == dtypes.get(catalog.attributes[name].kind, "str"), name


def test_cells_keep_the_catalogues_levels_and_ranges(county, catalog):
    for name, column in county.history.items():
        attribute, cells = catalog.attributes[name], column.dropna()
        if attribute.levels:
            assert set(cells) <= set(attribute.levels), name
        if attribute.kind is Kind.FLAG:
            assert set(cells) <= {0.0, 1.0}, name
        if attribute.kind is Kind.INTEGER:
            assert (cells == cells.round()).all(), name
        if attribute.minimum is not None and attribute.kind is not Kind.DATE:
            assert (cells >= attribute.minimum).all(), name
        if attribute.maximum is not None and attribute.kind is not Kind.DATE:
            assert (cells <= attribute.maximum).all(), name


def test_volatile_columns_are_the_catalogues(catalog):
    assert set(VOLATILE) == {name for name, a in catalog.attributes.items() if a.volatile}


def test_an_overwritten_ledger_knows_the_future_and_the_filings_do_not():
    register = generate(replace(SMALL, overwrite=True, missingness=0.0), seed=6)
    old = register.truth["review_date"].between(pd.Timestamp("2018-01-01"), pd.Timestamp("2022-01-01"))
    landed = came(register, "started_on", 24)[old]
    ranked = {
        name: roc_auc_score(landed, frame.loc[old, "preapproval_done"])
        for name, frame in (("ledger", register.history), ("filing", register.filings))
    }
    assert 0.5 < ranked["filing"] < 0.68
    assert ranked["ledger"] > ranked["filing"] + 0.12
    kept = [name for name in register.filings if name not in {*VOLATILE, "filed_on"}]
    assert_frame_equal(register.history[kept], register.filings[kept])
    assert (register.history["filed_on"] == pd.Timestamp(register.design.day)).all()


def test_progress_raises_levels_and_touches_nothing_that_has_not_moved(catalog):
    register = generate(replace(SMALL, overwrite=True, missingness=0.0), seed=6)
    still = register.history["signed_date"].isna() & register.truth["exited_on"].isna()
    young = still & (
        register.truth["started_on"].isna() | (register.truth["started_on"] > pd.Timestamp(register.design.day))
    )
    assert young.any()
    assert_frame_equal(register.history.loc[young, list(VOLATILE)], register.filings.loc[young, list(VOLATILE)])
    for name in ("land_status", "agreement_type", "site_visit", "utilities_ready"):
        rank = {level: k for k, level in enumerate(catalog.attributes[name].levels)}
        assert (register.history[name].map(rank) >= register.filings[name].map(rank)).all()


def test_sheets_are_filed_before_the_review(county):
    days = (county.filings["review_date"] - county.filings["filed_on"]).dt.days
    assert days.between(5, 25).all()


def test_a_round_is_new_and_of_the_same_county(county):
    new = county.new_round(400, seed=1)
    assert list(new.rows) == list(county.filings)
    assert len(new.truth) == 400
    assert (new.rows["review_date"] > pd.Timestamp(county.design.day)).all()
    assert not set(new.rows["project_uid"]) & set(county.filings["project_uid"])
    again = new.rows["investor_name"].isin(county.filings["investor_name"])
    assert 0.2 < again.mean() < 0.95
    known = dict(zip(county.filings["investor_name"], county.truth["frailty"], strict=True))
    carried = new.truth["frailty"][again]
    assert carried.tolist() == new.rows["investor_name"][again].map(known).tolist()
    assert new.truth["p_produced"].mean() == pytest.approx(county.truth["p_produced"].mean(), abs=0.05)
    assert not county.new_round(400, seed=2).rows["total_investment"].equals(new.rows["total_investment"])
