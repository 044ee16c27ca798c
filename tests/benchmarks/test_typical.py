import numpy as np
import pandas as pd
import pytest

from features.catalogs.reader import read_catalog
from features.synthetic import Design, generate
from models.cold import cold_model

DAY = np.datetime64("2024-06-30")
REVIEWED = pd.Timestamp("2024-01-01")


@pytest.fixture
def counted(benchmark_module):
    return benchmark_module("typical").counted


def filings(**columns):
    rows = pd.DataFrame(columns)
    return rows.assign(review_date=REVIEWED, filed_on=REVIEWED)


def test_shares_and_percentiles_are_those_of_the_filings(counted):
    rows = filings(in_park=[1.0] * 9 + [0.0], debt_ratio=np.arange(10.0), social_risk=["低"] * 8 + ["高", None])
    there = counted(read_catalog("zhaoshang"), rows, as_of=DAY).attributes
    assert there["in_park"].answer_shares == pytest.approx((1.5 / 11, 9.5 / 11))
    assert there["social_risk"].answer_shares == pytest.approx((8.5 / 10.5, 0.5 / 10.5, 1.5 / 10.5))
    assert there["debt_ratio"].typical == pytest.approx((0.9, 8.1))
    assert there["hi_tech_cert"] == read_catalog("zhaoshang").attributes["hi_tech_cert"]


def test_cells_that_were_overwritten_since_the_filing_are_not_counted(counted):
    rows = filings(land_status=["净地"] * 4 + ["需调规"] * 4)
    rows["filed_on"] = [REVIEWED] * 4 + [REVIEWED + pd.Timedelta(days=300)] * 4
    shares = counted(read_catalog("zhaoshang"), rows, as_of=DAY).attributes["land_status"].shares
    assert shares["净地"] == pytest.approx(4.5 / 6.5)


def test_with_what_a_place_has_filed_its_next_projects_are_no_better_than_average(counted):
    register, catalog = generate(Design(n_projects=600), seed=1), read_catalog("zhaoshang")
    rows = register.new_round(400, seed=2).rows
    models = [cold_model(c, as_of=DAY) for c in (counted(catalog, register.history, as_of=DAY), catalog)]
    for clock in catalog.clocks:
        told, guessed = (model.hazards[clock].log_odds(model.features(rows).matrix).mean() for model in models)
        assert abs(told) < 0.15 < guessed
