import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import Kind
from features.catalogs.reader import read_catalog
from features.derive import derive
from scoring.conditions import Comparison, Operator
from scoring.merit import merit, part_points
from scoring.policy import Part
from scoring.policy_reader import read_policy

CATALOG = read_catalog("zhaoshang")
PACK = read_policy("cn-2026", CATALOG)
PARTS = [part for item in PACK.merit for part in item.parts]

# A plant of 1.2 billion yuan on 300 mu, worked by hand from the rubric of the pack.
PLANT = {
    "fixed_asset_investment": 75_000.0,  # 13 + 25/50 × 4 = 15
    "land_area": 300.0,  # intensity 250: 6 + 100/150 × 6 = 10
    "expected_tax": 600.0,  # 4.8, and 2 a mu: 1.6
    "investor_tier": "上市/单项冠军",  # 5
    "investor_revenue": 55_000.0,  # 2 + 45/90 × 2 = 3
    "plot_ratio": 1.5,  # 8
    "catalogue_class": "允许",  # 2.5
    "hi_tech_cert": 1.0,  # 2
    "tech_level": "国内领先",  # 2
    "two_high": 0.0,  # 2
    "eia_risk": "轻",  # 2
    "hazard_class": "一般",  # 3.5
    "in_park": 1.0,  # 2
    "industry_fit": "主导产业",  # 3
    "jobs": 60.0,  # 2
}
PLANT_POINTS = {
    "scale": 15.0,
    "intensity": 10.0,
    "tax": 6.4,
    "investor": 8.0,
    "land": 8.0,
    "industry_class": 2.5,
    "science": 4.0,
    "environment": 4.0,
    "safety": 3.5,
    "planning": 5.0,
    "jobs": 2.0,
}


def judged(*cells):
    rows = pd.DataFrame(list(cells))
    for name in rows:
        texts = CATALOG.attributes[name].kind in (Kind.ORDINAL, Kind.CATEGORY)
        rows[name] = rows[name].astype("str" if texts else "float64")
    return merit(PACK, derive(rows, CATALOG))


def points(given):
    return {item.id: earned for item, earned in zip(given.items, given.points[0].tolist(), strict=True)}


def test_a_plant_gets_the_points_worked_out_by_hand():
    given = judged(PLANT)
    assert points(given) == pytest.approx(PLANT_POINTS)
    assert given.total.item() == pytest.approx(68.4)


def test_the_rubric_is_the_county_s_with_its_weights():
    weights = {item.id: item.points for item in PACK.merit}
    fives = ("industry_class", "science", "environment", "safety", "planning", "jobs")
    assert weights == {"scale": 17, "intensity": 17, "tax": 16, "investor": 10, "land": 10, **dict.fromkeys(fives, 5)}


@pytest.mark.parametrize("blank", PLANT)
def test_nothing_is_gained_by_a_blank_and_every_blank_is_told(blank):
    given = judged(PLANT | {blank: None})
    assert given.total.item() <= judged(PLANT).total.item()
    told = {name for name, mask in given.blank.items() if mask[0]}
    derived = {"land_area": {"investment_intensity", "tax_per_mu"}, "expected_tax": {"tax_per_mu", "expected_tax"}}
    derived["fixed_asset_investment"] = {"investment_intensity", "fixed_asset_investment"}
    assert told == derived.get(blank, {blank})


def test_a_file_without_a_single_column_of_the_rubric_earns_nothing():
    given = merit(PACK, pd.DataFrame({"project_name": ["a", "b"]}))
    assert given.total.tolist() == [0.0, 0.0]
    assert all(mask.all() for mask in given.blank.values())


def test_a_project_without_land_is_not_asked_how_well_it_uses_it():
    given = judged({"land_area": 0.0, "expected_tax": 600.0})
    assert points(given) == pytest.approx(dict.fromkeys(PLANT_POINTS, 0.0) | {"intensity": 17, "land": 10, "tax": 12.8})
    assert not given.blank["plot_ratio"].any()
    assert points(judged({"land_area": 0.0}))["tax"] == 0.0, "no tax is no thrift"


def test_a_place_without_a_rubric_has_no_merit():
    given = merit(read_policy("plain", CATALOG), pd.DataFrame({"jobs": [1.0]}))
    assert np.isnan(given.total).all()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.attribute)
def test_a_measure_gives_its_most_and_its_least_and_never_leaves_them(part):
    if part.levels:
        cells = pd.Series(list(part.levels), dtype="str")
    else:
        cells = pd.Series([-1e9, *[value for value, _ in part.steps], 1e9])
    earned = part_points(part, pd.DataFrame({part.attribute: cells}))
    assert earned.max() == part.most
    assert earned.min() == 0.0 or part.attribute == "investor_tier"  # every investor is somebody


@pytest.mark.parametrize("part", [part for part in PARTS if part.steps], ids=lambda part: part.attribute)
@given(st.lists(st.floats(0, 1e7), min_size=2, max_size=6))
def test_more_of_a_number_never_earns_less(part, values):
    earned = part_points(part, pd.DataFrame({part.attribute: sorted(values)}))
    if part.attribute == "two_high":
        earned = -earned
    assert (np.diff(earned) >= 0).all()


@given(
    st.lists(st.none() | st.floats(0, 1e8), min_size=5, max_size=5),
    st.none() | st.sampled_from(list(CATALOG.attributes["hazard_class"].levels)),
)
def test_merit_lies_between_0_and_100(numbers, hazard):
    names = ("fixed_asset_investment", "land_area", "expected_tax", "jobs", "plot_ratio")
    total = judged({**dict(zip(names, numbers, strict=True)), "hazard_class": hazard}).total.item()
    assert 0.0 <= total <= 100.0


def test_what_is_granted_outweighs_the_cell():
    free = Comparison("land_area", Operator.AT_MOST, 0.0)
    part = Part("plot_ratio", steps=((0.0, 0.0), (2.0, 10.0)), granted=free)
    rows = pd.DataFrame({"plot_ratio": [1.0, 1.0, np.nan, np.nan], "land_area": [0.0, 5.0, 0.0, np.nan]})
    np.testing.assert_array_equal(part_points(part, rows), [10.0, 5.0, 10.0, np.nan])
