import csv

import pytest

DAY = "2025-01-30"


@pytest.fixture
def forecast(luodi, demonstration, model, tmp_path):
    """A call of ``luodi forecast`` on the demonstration's own ledger: (what it said, the rows of its file)."""

    def call(*more):
        out = tmp_path / "forecast.csv"
        said = luodi("forecast", demonstration.folder / "history.csv", "--model", model, "--out", out, *more)
        with out.open(encoding="utf-8-sig", newline="") as file:
            return said, list(csv.DictReader(file))

    return call


def test_a_ledger_is_forecast_with_both_lists_and_a_row_for_each_project(forecast):
    said, rows = forecast("--as-of", DAY, "--lang", "en")
    assert said.code == 0, said.err
    assert "Waiting to start" in said.out
    assert "Under construction" in said.out
    total = next(line for line in said.out.splitlines() if "projects =" in line)
    assert f" {len(rows)} projects = " in total
    running = [row for row in rows if row["stage"] in {"waiting to start", "under construction"}]
    told = [row for row in running if row["p_next_within"]]
    assert len(told) > 0.9 * len(running) > 0
    assert all(0 < float(row["p_next_within"]) < 1 for row in told)
    assert all(row["note"] for row in running if not row["p_next_within"])


def test_a_longer_window_holds_more(forecast):
    _, year = forecast("--as-of", DAY, "--within", 12)
    _, two = forecast("--as-of", DAY, "--within", 24)
    pairs = [(a["p_next_within"], b["p_next_within"]) for a, b in zip(year, two, strict=True) if a["p_next_within"]]
    assert all(float(short) < float(long) for short, long in pairs)


def test_an_earlier_day_knows_less(forecast):
    _, late = forecast("--as-of", DAY)
    said, early = forecast("--as-of", "2022-01-01")
    assert said.code == 0
    assert sum(row["stage"] == "已投产" for row in early) < sum(row["stage"] == "已投产" for row in late)
    assert any(row["stage"] == "尚未进入" for row in early)


def test_the_ledger_itself_is_never_overwritten(luodi, demonstration, model):
    ledger = demonstration.folder / "history.csv"
    before = ledger.read_bytes()
    said = luodi("forecast", ledger, "--model", model, "--out", ledger)
    assert said.code == 2
    assert ledger.read_bytes() == before


def test_a_window_of_no_month_is_refused(luodi, demonstration, model):
    said = luodi("forecast", demonstration.folder / "history.csv", "--model", model, "--within", 0)
    assert said.code == 2
    assert "--within" in said.err
