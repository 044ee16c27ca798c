from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import Kind
from features.catalogs.reader import read_catalog
from features.derive import derive
from features.words import Language
from scoring.conditions import Comparison, Group, Operator, truth, unanswered
from scoring.gates import findings, gate_cells, gate_phrase
from scoring.policy import Effect
from scoring.policy_reader import read_policy

CATALOG = read_catalog("zhaoshang")
PACK = read_policy("cn-2026", CATALOG)
GATES = {gate.id: gate for gate in PACK.gates}
TODAY = "2026-03-10"

# gate -> (a filing for which it holds, a filing on the other side of its line)
CASES = {
    "industry_eliminated": ({"catalogue_class": "淘汰"}, {"catalogue_class": "限制"}),
    "industry_restricted_new": (
        {"catalogue_class": "限制", "construction_nature": "新建"},
        {"catalogue_class": "限制", "construction_nature": "技改"},
    ),
    "industry_restricted_other": (
        {"catalogue_class": "限制", "construction_nature": "技改"},
        {"catalogue_class": "允许", "construction_nature": "技改"},
    ),
    "market_access_prohibited": ({"market_access": "禁止准入"}, {"market_access": "许可准入"}),
    "market_access_permit": ({"market_access": "许可准入"}, {"market_access": "清单外"}),
    "banned_small": ({"banned_small": 1.0}, {"banned_small": 0.0}),
    "ecological_red_line": ({"zone_class": "生态保护红线内"}, {"zone_class": "优先保护"}),
    "basic_farmland": ({"basic_farmland": 1.0}, {"basic_farmland": 0.0}),
    "chemicals_outside_park": (
        {"industry_code": "C2614", "in_chemical_park": 0.0},
        {"industry_code": "C2614", "in_chemical_park": 1.0, "hazard_class": "重大"},
    ),
    "dishonesty": ({"credit_blacklist": 1.0}, {"credit_blacklist": 0.0}),
    "fake_state_chain": ({"equity_verified": "疑似假冒"}, {"equity_verified": "未核验"}),
    "equity_unverified": ({"equity_verified": "未核验"}, {"equity_verified": "部分"}),
    "incentive_illegal": ({"incentive_compliance": "不合规"}, {"incentive_compliance": "待审"}),
    "fair_competition_review": ({"incentive_compliance": "待审"}, {"incentive_compliance": "合规"}),
    "eia_register": ({"eia_class": "豁免/登记表"}, {"eia_class": "报告表"}),
    "eia_form": ({"eia_class": "报告表"}, {"eia_class": "报告书"}),
    "eia_report": ({"eia_class": "报告书"}, {"eia_class": "报告表"}),
    "energy_review": ({"energy_use": 1000.0, "review_date": "2025-08-31"}, {"energy_use": 1000.0}),
    "energy_carbon_review": ({"energy_use": 1000.0}, {"energy_use": 999.9}),
    "energy_review_electricity": ({"energy_use": 614.5, "review_date": "2025-08-31"}, {"energy_use": 614.5}),
    "energy_carbon_review_electricity": ({"energy_use": 614.5}, {"energy_use": 614.4}),
    "two_high": ({"two_high": 1.0}, {"two_high": 0.0}),
    "out_of_park": ({"in_park": 0.0}, {"in_park": 1.0}),
    "overcapacity": ({"overcapacity_flag": 1.0}, {"overcapacity_flag": 0.0}),
    "support_share": ({"gov_support_ratio": 20.1}, {"gov_support_ratio": 20.0}),
    "fiscal_burden": ({"fiscal_burden_ratio": 10.1}, {"fiscal_burden_ratio": 10.0}),
    "thin_young_investor": (  # the 15.8 billion signed by a firm with 30 million of capital
        {"total_investment": 1_580_000.0, "registered_capital": 3_000.0, "established_date": "2025-01-10"},
        {"total_investment": 150_000.0, "registered_capital": 3_000.0, "established_date": "2025-01-10"},
    ),
    "rushed_signing": (
        {"negotiation_days": 28.0, "total_investment": 1_580_000.0},
        {"negotiation_days": 30.0, "total_investment": 1_580_000.0},
    ),
    "motive_suspect": ({"motive": "圈地"}, {"motive": "扩产"}),
    "intensity_floor": (
        {"fixed_asset_investment": 14_999.0, "land_area": 100.0},
        {"fixed_asset_investment": 15_000.0, "land_area": 100.0},
    ),
    "tax_floor": ({"expected_tax": 799.0, "land_area": 100.0}, {"expected_tax": 800.0, "land_area": 100.0}),
    "plot_ratio_floor": ({"plot_ratio": 0.99}, {"plot_ratio": 1.0}),
}


def filings(*cells):
    """Rows with the types the reader gives."""
    rows = pd.DataFrame([{"review_date": TODAY, **cell} for cell in cells])
    for name in rows:
        kind = CATALOG.attributes[name].kind
        dtype = {Kind.DATE: "datetime64[s]"}.get(
            kind, "float64" if kind in (Kind.NUMBER, Kind.INTEGER, Kind.FLAG) else "str"
        )
        rows[name] = rows[name].astype(dtype)
    return rows


def found_in(*cells, policy=PACK):
    rows = filings(*cells)
    return findings(policy, derive(rows, CATALOG), rows["review_date"].to_numpy("datetime64[D]"))


def names(found, row=0):
    return {gate.id for gate, holds in zip(found.gates, found.holds[row], strict=True) if holds}


def test_every_gate_of_the_pack_has_a_case():
    assert set(CASES) == set(GATES)


@pytest.mark.parametrize("gate", CASES)
def test_a_gate_holds_on_one_side_of_its_line_and_not_on_the_other(gate):
    inside, outside = CASES[gate]
    assert gate in names(found_in(inside))
    assert gate not in names(found_in(outside))


@pytest.mark.parametrize("gate", CASES)
def test_a_gate_applies_from_its_day_in_force_and_not_a_day_earlier(gate):
    inside, _ = CASES[gate]
    first = GATES[gate].in_force
    for day, expected in ((first, True), (first - timedelta(days=1), False)):
        case = {**inside, "review_date": day.isoformat()}
        if "established_date" in case:
            case["established_date"] = (first - timedelta(days=400)).isoformat()
        assert (gate in names(found_in(case))) is expected


@pytest.mark.parametrize("gate", [gate.id for gate in PACK.gates if gate.until])
def test_a_gate_ends_on_the_day_its_successor_takes_over(gate):
    inside, _ = CASES[gate]
    last = GATES[gate].until - timedelta(days=1)
    assert gate in names(found_in({**inside, "review_date": last.isoformat()}))
    after = names(found_in({**inside, "review_date": GATES[gate].until.isoformat()}))
    assert gate not in after
    assert len(after) == 1, "the successor asks for the same paper from that day on"


def test_two_projects_at_once_are_judged_each_by_its_own_day():
    found = found_in(
        {"catalogue_class": "淘汰", "review_date": "2024-01-31"},
        {"catalogue_class": "淘汰", "review_date": "2024-02-01"},
    )
    assert found.vetoed.tolist() == [False, True]


def test_only_vetoes_stop_a_project():
    for gate, (inside, _) in CASES.items():
        assert found_in(inside).vetoed.item() is (GATES[gate].effect is Effect.VETO)


def test_a_row_without_a_review_day_is_held_to_every_gate():
    assert found_in({"catalogue_class": "淘汰", "review_date": None}).vetoed.item()


def test_blank_cells_and_absent_columns_trigger_nothing():
    blank = dict.fromkeys((name for inside, _ in CASES.values() for name in inside), None) | {"review_date": TODAY}
    assert not names(found_in(blank))
    assert not names(found_in({}))


def test_red_lines_left_unanswered_are_told_and_warnings_are_not():
    assert {name for name, mask in found_in({}).open.items() if mask[0]} == {
        "catalogue_class",
        "construction_nature",
        "market_access",
        "banned_small",
        "zone_class",
        "basic_farmland",
        "in_chemical_park",
        "hazard_class",
        "industry_code",
        "credit_blacklist",
        "equity_verified",
        "incentive_compliance",
    }


def test_an_answer_that_settles_a_red_line_leaves_nothing_open():
    assert not found_in({"in_chemical_park": 1.0}).open["industry_code"][0], "inside a park any code will do"
    assert not found_in({"catalogue_class": "鼓励"}).open["construction_nature"][0]
    restricted = found_in({"catalogue_class": "限制"}).open
    assert restricted["construction_nature"][0]
    assert not restricted["catalogue_class"][0]


@pytest.mark.parametrize(
    ("code", "held"),
    [
        ("C26", True),
        ("26", True),
        ("c2614", True),
        ("C2710", True),
        ("C2681", False),
        ("C2670", False),
        ("C3011", False),
    ],
)
def test_which_industry_codes_must_be_in_a_chemical_park(code, held):
    assert found_in({"industry_code": code, "in_chemical_park": 0.0}).vetoed.item() is held


def test_a_major_hazard_must_be_in_a_chemical_park_whatever_its_code():
    assert found_in({"industry_code": "C3011", "hazard_class": "较大", "in_chemical_park": 0.0}).vetoed.item()
    assert not found_in({"industry_code": "C3011", "hazard_class": "一般", "in_chemical_park": 0.0}).vetoed.item()


def test_the_cell_lists_vetoes_first_each_with_basis_and_day():
    found = found_in({"eia_class": "报告书", "in_park": 0.0, "catalogue_class": "淘汰"}, {"in_park": 1.0})
    first, second = gate_cells(found, Language.ZH)
    assert first == (
        "否决：属产业目录淘汰类（产业结构调整指导目录（2024年本），自 2024-02-01 起适用）；"
        "提醒：未入园（地方通行做法（估计值），自 2020-01-01 起适用）；"
        "须补材料：环境影响报告书（建设项目环境影响评价分类管理名录（2021年版），自 2021-01-01 起适用）"
    )
    assert second == ""


@pytest.mark.parametrize("gate", PACK.gates, ids=lambda gate: gate.id)
def test_every_gate_speaks_both_languages(gate):
    for words in (gate.title, gate.basis, gate.remedy):
        assert words.zh.strip()
        assert words.en.strip()
        assert words.en.isascii() or all(ord(c) < 0x2E80 for c in words.en), "English holds no Chinese"
    assert gate.in_force.isoformat() in gate_phrase(gate, Language.EN)
    assert date(1990, 1, 1) < gate.in_force <= date(2026, 1, 1)


CELLS = st.sampled_from([None, 0.0, 1.0])
COLUMNS = ("two_high", "in_park", "basic_farmland")


@st.composite
def conditions(draw, depth=2):
    if depth == 0 or draw(st.booleans()):
        return Comparison(draw(st.sampled_from(COLUMNS)), Operator.IS, draw(st.booleans()))
    return Group(draw(st.booleans()), tuple(draw(st.lists(conditions(depth=depth - 1), min_size=1, max_size=3))))


@given(conditions(), st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
def test_yes_and_no_stay_so_however_the_blanks_are_filled(condition, cells):
    rows = pd.DataFrame(cells, columns=list(COLUMNS), dtype=float)
    before = truth(condition, rows)
    for value in (0.0, 1.0):
        after = truth(condition, rows.fillna(value))
        assert not after.unknown.any()
        np.testing.assert_array_equal(after.yes[~before.unknown], before.yes[~before.unknown])


@given(conditions(), st.tuples(CELLS, CELLS, CELLS))
def test_an_open_condition_names_at_least_one_blank_cell_and_only_blank_ones(condition, cells):
    rows = pd.DataFrame([cells], columns=list(COLUMNS), dtype=float)
    named = {name for name, mask in unanswered(condition, rows).items() if mask[0]}
    assert bool(named) is bool(truth(condition, rows).unknown[0])
    assert named <= {name for name in COLUMNS if rows[name].isna()[0]}


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (Operator.ABOVE, [False, False, True, False]),
        (Operator.AT_LEAST, [False, True, True, False]),
        (Operator.BELOW, [True, False, False, False]),
        (Operator.AT_MOST, [True, True, False, False]),
    ],
)
def test_numbers_at_the_line(operator, expected):
    rows = pd.DataFrame({"plot_ratio": [0.9, 1.0, 1.1, np.nan]})
    assert truth(Comparison("plot_ratio", operator, 1.0), rows).yes.tolist() == expected


def test_missing_is_the_one_question_that_a_blank_answers():
    rows = pd.DataFrame({"plot_ratio": [0.9, np.nan]})
    for name, expected in (("plot_ratio", [False, True]), ("land_area", [True, True])):
        known = truth(Comparison(name, Operator.MISSING, True), rows)
        assert known.yes.tolist() == expected
        assert not known.unknown.any()
