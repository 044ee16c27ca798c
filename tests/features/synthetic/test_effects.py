import numpy as np
import pandas as pd
import pytest

from features.catalog import Clock, Dimension, Kind
from features.synthetic import AUDIT_ONLY, NOISE, Design, generate, known_effects, without_effect
from features.synthetic.traits import Draw, traits


@pytest.fixture(scope="module")
def clean():
    """No gaps and no fakes: every cell says what it is."""
    return generate(Design(n_projects=6_000, shock_sd=0.0, missingness=0.0, fakes=0.0), seed=3)


def as_numbers(column: pd.Series, name: str) -> np.ndarray:
    trait = traits()[name]
    if not trait.levels or column.dtype == "float64":
        return column.to_numpy()
    return column.map({level: float(k) for k, level in enumerate(trait.levels)}).to_numpy()


def test_the_cells_of_the_sheet_carry_the_known_log_odds(clean):
    for clock in ("landed", "finished"):
        total = clean.truth["frailty"].to_numpy().copy()
        for name in known_effects():
            trait = traits()[name]
            total += trait.effect(as_numbers(clean.filings[name], name), getattr(trait, clock))
        assert total == pytest.approx(clean.truth[f"{clock}_log_odds"].to_numpy(), abs=1e-9)


def test_more_of_a_good_thing_lands_more_often_and_of_a_bad_one_less(clean):
    effects = [e for e in known_effects().values() if e.monotone and abs(e.landed) >= 0.1]
    z = np.column_stack(
        [traits()[e.attribute].standardised(as_numbers(clean.filings[e.attribute], e.attribute)) for e in effects]
    )
    landed = ((clean.truth["started_on"] - clean.truth["review_date"]).dt.days < 730).astype(float)
    slope = np.linalg.lstsq(np.column_stack([z, np.ones(len(z))]), landed.to_numpy(), rcond=None)[0][:-1]
    size = np.array([e.landed for e in effects])
    assert len(effects) >= 6
    assert np.sign(slope).tolist() == np.sign(size).tolist()
    assert np.corrcoef(slope, size)[0, 1] > 0.97


def test_readiness_is_strongest():
    monotone = [name for name, effect in known_effects().items() if effect.monotone]
    assert monotone[:2] == ["preapproval_done", "land_status"]
    assert {"agreement_type", "site_visit"} < set(monotone[:6])


def test_no_effect_goes_against_the_direction_that_the_catalogue_declares(catalog):
    for name, effect in known_effects().items():
        directions = catalog.attributes[name].directions
        if effect.monotone:
            assert effect.landed * directions.get(Clock.LANDED, 0) >= 0, name
            assert (effect.landed + effect.finished) * directions.get(Clock.PRODUCED, 0) >= 0, name


def test_every_declared_effect_is_on_a_feature(catalog):
    assert all(catalog.attributes[name].is_feature for name in known_effects())
    idle = set(without_effect())
    assert {n for n, a in catalog.attributes.items() if a.dimension in {Dimension.GATE, Dimension.AUDIT_ONLY}} <= idle
    assert {*NOISE, *AUDIT_ONLY} <= idle
    assert all(catalog.attributes[name].is_feature for name in NOISE)


@pytest.mark.parametrize("name", [*NOISE, *AUDIT_ONLY])
def test_noise_and_audit_attributes_are_tied_to_nothing(clean, name):
    groups = clean.filings[name] if traits()[name].levels else pd.qcut(clean.filings[name].rank(method="first"), 2)
    for figure in ("landed_log_odds", "finished_log_odds", "frailty"):
        truth = clean.truth[figure]
        by_group = truth.groupby(groups, observed=True).agg(["mean", "size"])
        error = truth.std() / np.sqrt(by_group["size"])
        assert ((by_group["mean"] - truth.mean()).abs() < 4 * error).all(), figure


def test_audit_attributes_are_the_catalogues(catalog):
    assert set(AUDIT_ONLY) == {n for n, a in catalog.attributes.items() if a.dimension is Dimension.AUDIT_ONLY}


def test_every_trait_has_the_levels_of_the_catalogue_and_shares_that_sum_to_one(catalog):
    for name, trait in traits().items():
        attribute = catalog.attributes[name]
        if attribute.kind in {Kind.ORDINAL, Kind.CATEGORY}:
            assert trait.levels == attribute.levels, name
        if trait.levels:
            assert len(trait.levels) == len(trait.shares), name
            assert sum(trait.shares) == pytest.approx(1.0), name
        assert sum(load**2 for load in trait.on.values()) <= 1.0 + 1e-9, name


def test_numbers_are_as_spread_as_declared(clean):
    for name, trait in traits().items():
        if trait.draw in {Draw.NORMAL, Draw.LOGNORMAL, Draw.COUNT} and trait.scale is None:
            z = trait.standardised(clean.filings[name].dropna().to_numpy())
            assert abs(np.median(z)) < 0.45, name  # counts are coarse
            assert 0.75 < z.std() < 1.25, name
