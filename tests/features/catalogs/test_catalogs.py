import csv
import re

import numpy as np
import pytest

from features.catalog import ASKED, EXPLAINED, Clock, Dimension, Kind, Known, Tier
from features.catalogs.reader import BUILT_IN, read_catalog
from features.reading.headers import Names, bare
from features.words import Language

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ZHAOSHANG = read_catalog("zhaoshang")
REPD = read_catalog("repd")


@pytest.mark.parametrize(
    ("column", "unit", "factor"),
    [
        ("total_investment", "亿元", 10_000),
        ("land_area", "公顷", 15),
        ("land_area", "平方米", 15 / 10_000),
        ("land_area", "平方公里", 1500),
        ("investment_intensity", "元/平方米", 1 / 15),  # 1 万元/亩 = 15 元/m² = 15 万元/公顷
        ("tax_per_mu", "万元/公顷", 1 / 15),
        ("energy_use", "万吨标煤", 10_000),
        ("energy_use", "万千瓦时", 1.229),
        ("energy_intensity", "kgce/万元", 0.001),
        ("response_hours", "天", 24),
        ("planned_build_months", "年", 12),
    ],
)
def test_units_are_worth_what_the_standards_say(column, unit, factor):
    assert ZHAOSHANG.attributes[column].units[unit] == pytest.approx(factor, rel=1e-12)


def test_the_published_curves_are_counted_from_review():
    from_signing = {Clock.LANDED: (0.35, 0.52, 0.62, 0.70), Clock.PRODUCED: (0.08, 0.25, 0.42, 0.52)}
    for clock, chances in from_signing.items():
        months = tuple(12 * year + 2 for year in (1, 2, 3, 4))
        assert ZHAOSHANG.clocks[clock].curve == tuple(zip(months, chances, strict=True))


def test_the_finish_curve_leads_from_the_curve_of_starts_to_that_of_production():
    started, produced = (dict(ZHAOSHANG.clocks[clock].curve) for clock in ASKED)
    landed, finished = (arrivals(started), arrivals(dict(ZHAOSHANG.later[Clock.FINISHED].curve)))
    for month, chance in produced.items():
        through = sum((landed[s + 1] - landed[s]) * finished[month - s - 1] for s in range(month))
        assert through == pytest.approx(chance, abs=0.02)


def arrivals(curve: dict[int, float]) -> np.ndarray:
    """Draw a curve month by month, hazards constant between its points."""
    hazard = -np.log1p(-np.array([0.0, *curve.values()]))
    return 1 - np.exp(-np.interp(np.arange(61), [0, *curve], hazard))


def test_more_have_started_than_left_at_any_time():
    started, left = dict(ZHAOSHANG.clocks[Clock.LANDED].curve), dict(ZHAOSHANG.later[Clock.WITHDRAWN].curve)
    assert started.keys() == left.keys()
    assert all(left[month] < started[month] < 1 - left[month] for month in left)


@pytest.mark.parametrize("catalog", [ZHAOSHANG, REPD], ids=BUILT_IN)
def test_of_every_attribute_with_a_weight_it_is_said_what_is_typical(catalog):
    attributes = [*catalog.attributes.values(), *(derived.attribute for derived in catalog.derived)]
    weighted = {a.id for a in attributes if any(a.weights.values())}
    numbers = {a.id for a in attributes if a.kind in {Kind.NUMBER, Kind.INTEGER}} & weighted
    assert numbers == {a.id for a in attributes if a.typical is not None}
    assert weighted - numbers == {a.id for a in attributes if a.shares}
    assert (len(numbers), len(weighted)) == ((24, 46) if catalog is ZHAOSHANG else (0, 0))


def test_the_shares_of_levels_are_given_one_by_one():
    for attribute in ZHAOSHANG.attributes.values():
        if attribute.shares and attribute.kind is not Kind.FLAG:
            assert tuple(attribute.shares) == attribute.levels, attribute.id
            assert min(attribute.shares.values()) > 0


@pytest.mark.parametrize(
    ("column", "typical"),
    [
        ("debt_ratio", (40, 70)),
        ("invention_patents", (0, 50)),
        ("rd_intensity", (1, 5)),
        ("logistics_cost_ratio", (3, 12)),
        ("total_investment", (3000, 100_000)),
    ],
)
def test_typical_values_are_the_published_ones_in_the_unit_of_the_column(column, typical):
    assert ZHAOSHANG.attributes[column].typical == typical


@pytest.mark.parametrize(("catalog", "reach"), [(ZHAOSHANG, 72), (REPD, 96)], ids=BUILT_IN)
def test_lives_are_followed_for_twice_the_longest_horizon(catalog, reach):
    specs = {**catalog.clocks, **catalog.later}
    assert set(specs) == set(Clock)
    assert {spec.reach_months for spec in specs.values()} == {reach}
    for clock, like in ((Clock.WITHDRAWN, Clock.LANDED), (Clock.FINISHED, Clock.PRODUCED)):
        assert specs[clock].horizon_months == specs[like].horizon_months


@pytest.mark.parametrize("name", BUILT_IN)
def test_everything_has_a_name_in_both_languages(name):
    catalog = read_catalog(name)
    derived = [derived.attribute for derived in catalog.derived]
    parts = [*catalog.attributes.values(), *derived, *catalog.milestones.values(), *catalog.histories]
    for part in [*parts, *catalog.neighbours, catalog]:
        assert CHINESE.search(part.label.zh) or part.label.zh.isascii() is False, part
        assert not CHINESE.search(part.label.en), part
    for attribute in catalog.attributes.values():
        assert not any(CHINESE.search(level) for level in attribute.levels_en), attribute.id


def test_every_side_of_a_project_is_covered():
    features = [attribute for attribute in ZHAOSHANG.attributes.values() if attribute.is_feature]
    assert {attribute.dimension for attribute in features} == set(EXPLAINED)
    assert len(ZHAOSHANG.attributes) == 98


def test_readiness_is_what_ledgers_overwrite():
    volatile = {attribute.id for attribute in ZHAOSHANG.attributes.values() if attribute.volatile}
    assert {"land_status", "preapproval_done", "agreement_type", "financing_proof"} <= volatile
    assert not any(ZHAOSHANG.attributes[column].known is Known.LATER for column in volatile)


def test_who_recommended_a_project_is_kept_for_audits_alone():
    audited = {a.id for a in ZHAOSHANG.attributes.values() if a.dimension is Dimension.AUDIT_ONLY}
    assert audited == {"lead_channel", "referrer_type", "local_investor", "hometown_tie"}


@pytest.mark.parametrize("header", ["工程名称", "平安风险等级", "税收奉献", "工程总投资", "同质化工程数", "两高工程"])
def test_the_spellings_of_laundered_documents_are_known(header):
    assert Names(ZHAOSHANG).match(header) is not None


@pytest.mark.parametrize("header", ["推荐人", "介绍人", "决策人", "注册地", "选址"])
def test_headers_of_persons_and_places_are_no_aliases(header):
    assert Names(ZHAOSHANG).match(header) is None


@pytest.mark.parametrize("header", ["产业类别", "环评", "投资额", "税收"])
def test_headers_that_must_be_asked_are_declared(header):
    assert Names(ZHAOSHANG).match(header).ids == ZHAOSHANG.ambiguous[header]


def test_only_name_and_day_are_demanded_of_every_row():
    demanded = [attribute.id for attribute in ZHAOSHANG.attributes.values() if attribute.tier is Tier.KEY]
    assert demanded == ["project_name", "review_date"]


def test_directions_and_weights_pull_one_way_and_readiness_weighs_most():
    weights = {
        attribute.id: abs(attribute.weights[Clock.LANDED])
        for attribute in ZHAOSHANG.attributes.values()
        if attribute.is_feature and any(attribute.weights.values())
    }
    assert len(weights) > 40
    heaviest = {column for column, weight in weights.items() if weight == max(weights.values())}
    assert {ZHAOSHANG.attributes[column].dimension for column in heaviest} == {Dimension.DELIVERY}


def test_every_size_of_money_is_read_on_a_logarithmic_scale():
    money = [a for a in ZHAOSHANG.attributes.values() if a.unit == "万元" and a.is_feature and a.minimum >= 0]
    assert len(money) > 5
    assert {attribute.transform for attribute in money} == {"log1p"}


def test_the_register_of_power_projects_reads_no_status():
    features = {attribute.id for attribute in REPD.attributes.values() if attribute.is_feature}
    assert features == {
        "region", "country", "x", "y",
        "technology_type", "storage_type", "installed_capacity_mw", "turbine_capacity_mw", "turbines",
    }  # fmt: skip
    assert [exclusion.values for exclusion in REPD.exclusions] == [("Revised",)]
    assert "later status" in REPD.exclusions[0].reason.said(Language.EN)


def test_every_vintage_of_the_register_names_every_column_once(repd):
    names = Names(REPD)
    vintages = sorted(repd.glob("*.csv"))
    assert len(vintages) == 11
    for path in vintages:
        text = path.read_bytes()[:20_000].decode("cp1252").removeprefix("ï»¿")
        header = next(csv.reader(text.splitlines()))
        matches = [match for cell in header if (match := names.match(cell)) is not None]
        assert sorted(match.ids for match in matches) == sorted((column,) for column in REPD.attributes), path.name


@pytest.mark.parametrize("catalog", [ZHAOSHANG, REPD], ids=BUILT_IN)
def test_an_ambiguous_header_is_nobodys_alias(catalog):
    asked = {bare(header) for header in catalog.ambiguous}
    for attribute in catalog.attributes.values():
        assert not asked & {bare(name) for name in (attribute.id, attribute.label.zh, *attribute.aliases)}


def test_dates_of_milestones_may_lie_in_the_future_but_not_beyond_the_century():
    for attribute in ZHAOSHANG.attributes.values():
        if attribute.kind is Kind.DATE:
            assert str(attribute.maximum) == "2099-12-31"
