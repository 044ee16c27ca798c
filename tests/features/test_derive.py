import numpy as np
import pandas as pd

from features.derive import derive


def test_each_derived_attribute_is_that_of_a_hand_worked_table(mills):
    days = {"founded": ["2009-12-31", "2020-01-01", None], "proposed": ["2019-12-31", "2020-01-01", "2020-01-01"]}
    rows = pd.DataFrame({"cost": [10.0, 10.0, 10.0], "capital": [4.0, 0.0, np.nan], **days})
    found = derive(rows.astype({"founded": "datetime64[s]", "proposed": "datetime64[s]"}), mills)
    np.testing.assert_array_equal(found["cover"], [2.5, np.nan, np.nan])
    np.testing.assert_allclose(found["age"], [3652 / 365.25, np.nan, np.nan])


def test_a_filed_value_wins_and_only_gaps_are_filled(mills):
    rows = pd.DataFrame({"cost": [10.0, 10.0], "capital": [4.0, 4.0], "cover": [7.0, np.nan]})
    assert derive(rows, mills)["cover"].tolist() == [7.0, 2.5]
    assert rows["cover"].isna().tolist() == [False, True]


def test_without_its_sources_a_derived_attribute_stays_absent(mills):
    rows = pd.DataFrame({"cost": [10.0]})
    assert list(derive(rows, mills)) == ["cost"]


def test_a_founding_on_the_review_day_or_later_is_not_yet_known(mills):
    days = pd.to_datetime(pd.Series(["2020-01-01", "2020-01-02", "2031-01-01"])).astype("datetime64[s]")
    found = derive(pd.DataFrame({"founded": days, "proposed": days.iloc[[0, 0, 0]].to_numpy()}), mills)
    assert found["age"].isna().all()
