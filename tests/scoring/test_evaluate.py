import re

import numpy as np
import pandas as pd
import pytest

CATALOG = """
name = "wells"
entry = "asked"
key = "ref"
snapshot_column = "updated"
period_months = 12
reporting_lag_months = 0

[attribute.ref]
kind = "key"
[attribute.asked]
kind = "date"
[attribute.depth]
kind = "number"
dimension = "technology"
[attribute.dug]
kind = "date"
known = "later"
[attribute.updated]
kind = "date"
known = "later"

[milestone.landed]
columns = ["dug"]

[clock.landed]
horizon_months = 24
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wells")
    rng = np.random.default_rng(0)
    asked = np.datetime64("2010-01-01") + rng.integers(0, 365 * 8, 300)
    depth = rng.normal(size=300).round(3)
    dug = asked + (rng.geometric(1 / (1 + np.exp(1 + depth))) * 365 - rng.integers(1, 365, 300))
    rows = {"ref": np.arange(300), "asked": asked, "depth": depth, "dug": dug, "updated": "2020-06-30"}
    table = pd.DataFrame(rows)
    table["dug"] = table["dug"].where(table["dug"] < pd.Timestamp("2020-06-30"))
    table.to_csv(folder / "wells.csv", index=False)
    (folder / "wells.toml").write_text(CATALOG, encoding="utf-8")
    return folder


@pytest.fixture
def evaluated(luodi, files):
    def call(*more):
        place = [files / "wells.csv", "--catalog", files / "wells.toml", "--from", 2015, "--to", 2015]
        return luodi("evaluate", *place, *more)

    return call


def test_models_origins_and_calibration_are_printed_and_drawn(evaluated, tmp_path):
    said = evaluated("--plots", tmp_path / "new" / "plots")
    assert said.code == 0, said.err
    titles = re.findall(r"(?m)^ *(落地\S*)", said.out)
    assert [title.partition("：")[2] for title in titles][-2:] == ["逐个起点", "校准"]
    assert "2015-01-01" in said.out
    assert "调参分类器" in said.out
    assert said.out.count("逐个起点之值按项目数加权的平均") == 1
    assert "落地：1 个时点，2015-01-01 至 2015-01-01" in said.err
    pictures = list((tmp_path / "new" / "plots").iterdir())
    assert [picture.name for picture in pictures] == ["reliability_landed.png"]
    assert pictures[0].read_bytes().startswith(b"\x89PNG")
    assert pictures[0].name in said.err


def test_a_place_for_plots_that_is_a_file_is_refused_before_the_work(evaluated, tmp_path):
    (tmp_path / "plots").write_text("mine")
    said = evaluated("--plots", tmp_path / "plots", "--lang", "en")
    assert said.code == 2
    assert "must be a folder; got the file" in said.err
    assert said.out == ""
    assert (tmp_path / "plots").read_text() == "mine"
