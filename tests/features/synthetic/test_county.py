import numpy as np
import pandas as pd
import pytest
from stdnum.cn import uscc


def test_fakes_show_the_four_ratios(county):
    fake = county.truth["fake"]
    assert fake.mean() == pytest.approx(0.015, abs=0.004)
    sheet = county.filings
    age = (sheet["review_date"] - sheet["established_date"]).dt.days / 365.25
    for sign in (
        sheet["total_investment"] / sheet["registered_capital"] > 50,
        age < 2,
        sheet["negotiation_days"] < 30,
        sheet["expected_output"] / sheet["total_investment"] > 1.5,
    ):
        assert sign[fake].mean() > 0.8
        assert sign[~fake].mean() < 0.35


def test_fakes_practically_never_produce(county):
    fake = county.truth["fake"]
    assert county.truth.loc[fake, "p_produced"].max() < 0.01
    assert county.truth.loc[fake, "produced_on"].notna().mean() < 0.01
    unmasked = county.filings["equity_verified"] == "疑似假冒"
    assert 0.2 < unmasked[fake].mean() < 0.4
    assert unmasked[~fake].mean() < 0.003


def test_every_firm_is_evidently_invented_and_its_code_checks(county):
    firms = county.filings[["investor_name", "uscc"]].drop_duplicates()
    assert firms["investor_name"].is_unique
    assert firms["investor_name"].str.match(r"^示例(企业|空壳)\d{4,}有限公司$").all()
    assert firms["uscc"].head(2000).map(uscc.is_valid).all()
    assert (firms["uscc"].str[2:8] == "000000").all()
    assert county.filings["project_name"].str.contains("示例").all()
    assert county.filings["project_name"].is_unique


def test_investors_come_again_and_keep_what_nobody_sees(county):
    by_firm = county.truth["frailty"].groupby(county.filings["investor_name"])
    assert by_firm.nunique().max() == 1
    again = by_firm.size() > 1
    assert by_firm.size()[again].sum() / len(county.truth) > 0.4
    earlier = county.filings["investor_name"].duplicated()
    assert 0.25 < earlier.mean() < 0.6


def test_an_investors_earlier_projects_tell_of_its_next(county):
    truth = county.truth
    landed = (truth["started_on"] - truth["review_date"]).dt.days < 730
    odds = truth["landed_log_odds"] - truth["frailty"]
    surprise = landed - landed.groupby(pd.qcut(odds, 50), observed=True).transform("mean")
    name = county.filings["investor_name"]
    before = (surprise.groupby(name).cumsum() - surprise) / surprise.groupby(name).cumcount()
    assert np.corrcoef(before[before.notna()], surprise[before.notna()])[0, 1] > 0.02


def test_shell_companies_have_no_revenue(county):
    age = (county.filings["review_date"] - county.filings["established_date"]).dt.days / 365.25
    assert (age > 0).all()
    assert county.filings.loc[age < 1.99, "investor_revenue"].isna().all()
    assert county.filings.loc[age > 2.01, "investor_revenue"].isna().mean() < 0.12


def test_core_cells_are_blank_less_often_than_optional_ones(county, catalog):
    share = county.filings.isna().mean()
    assert share["total_investment"] == pytest.approx(0.04, abs=0.01)
    assert share["in_park"] == pytest.approx(0.08, abs=0.01)
    assert share["homogeneity_count"] == pytest.approx(0.12, abs=0.01)
    assert share["credit_blacklist"] < 0.03
    assert share[["project_name", "investor_name", "review_date"]].eq(0).all()


def test_blanks_of_different_attributes_fall_on_different_projects(county):
    blank = county.filings[["in_park", "land_status", "homogeneity_count", "decision_level"]].isna()
    assert np.abs(np.corrcoef(blank.to_numpy(dtype=float), rowvar=False) - np.eye(4)).max() < 0.05


def test_most_projects_pass_the_gates(county):
    sheet = county.filings
    hit = (
        (sheet["credit_blacklist"] == 1)
        | (sheet["catalogue_class"] == "淘汰")
        | (sheet["market_access"] == "禁止准入")
        | (sheet["zone_class"] == "生态保护红线内")
        | (sheet["basic_farmland"] == 1)
        | (sheet["incentive_compliance"] == "不合规")
    )
    assert 0.02 < hit.mean() < 0.10


def test_large_investments_come_with_large_firms_and_more_land(county):
    sheet = county.filings[~county.truth["fake"]]
    ranks = sheet[["total_investment", "investor_revenue", "land_area", "jobs", "planned_build_months"]].rank()
    assert (ranks.corr()["total_investment"] > 0.15).all()
    leased = sheet["construction_nature"] == "租赁厂房"
    assert (sheet.loc[leased, "land_area"].dropna() == 0).all()
    assert sheet.loc[leased, "investment_intensity"].isna().all()
