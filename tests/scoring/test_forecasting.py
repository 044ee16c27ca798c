import csv
import io
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from features.catalog import Clock
from features.catalogs.reader import read_catalog
from features.inputs import Features
from features.standing import Stage
from features.timeline import trace
from features.words import Language
from scoring.batch import Outputs
from scoring.forecast_listing import SHOWN, lists, tally
from scoring.forecasting import STAGES, frame, outlook, written

DAY = np.datetime64("2024-01-01")
LEDGER = {  # entry, start, production, exit
    "waiting": ("2023-01-01", None, None, None),
    "waiting long": ("2020-01-01", None, None, None),
    "waiting for ever": ("2015-01-01", None, None, None),
    "waiting nearly too long": ("2018-07-01", None, None, None),
    "building": ("2021-01-01", "2023-01-01", None, None),
    "building for ever": ("2010-01-01", "2012-01-01", None, None),
    "produced": ("2020-01-01", "2021-01-01", "2022-01-01", None),
    "withdrawn": ("2020-01-01", None, None, "2021-01-01"),
    "not entered": ("2024-06-01", None, None, None),
    "impossible": ("2022-01-01", None, "2021-01-01", None),
    "refiled": ("2020-06-01", None, None, None),
}


@dataclass
class Known:
    baseline: np.ndarray
    spread_sd: float = 0.0

    def log_odds(self, matrix):
        return np.zeros(len(matrix))


def model_of(catalog, **levels):
    hazards = {Clock(name): Known(np.full(24, level)) for name, level in levels.items()}
    replay = lambda rows: Features(np.zeros((len(rows), 1)), (), np.zeros((len(rows), 1), dtype=np.bool_))  # noqa: E731
    asked = {clock: hazard for clock, hazard in hazards.items() if clock in catalog.clocks}
    later = {clock: hazard for clock, hazard in hazards.items() if clock not in asked}
    builder, nobody_gives_up = SimpleNamespace(replay=replay), np.zeros(24)
    return SimpleNamespace(
        catalog=catalog, builder=builder, hazards=asked, later=later, giving_up=nobody_gives_up, cold=False
    )


@pytest.fixture(scope="module")
def catalog():
    return read_catalog("zhaoshang")


def rows_of(ledger):
    dates = pd.DataFrame(ledger.values(), columns=["review_date", "start_date", "production_date", "exit_date"])
    dates = dates.apply(pd.to_datetime).astype("datetime64[s]")
    uid = ["P-1" if name == "refiled" else f"P-{i + 2}" for i, name in enumerate(ledger)]
    return pd.concat([pd.DataFrame({"project_name": list(ledger), "project_uid": uid}), dates], axis=1)


@pytest.fixture(scope="module")
def rows():
    refiled = rows_of({"refiled": ("2023-06-01", None, None, None)}).assign(project_name="filed anew")
    return pd.concat([rows_of(LEDGER), refiled], ignore_index=True)


def seen(model, rows, months=12):
    timeline = trace(rows, model.catalog, as_of=DAY, snapshot=DAY)
    return outlook(model, rows, timeline, months, ("zhaoshang 2023", "abc"))


@pytest.fixture(scope="module")
def found(catalog, rows):
    return seen(model_of(catalog, landed=-3.0, withdrawn=-4.0, finished=-2.0, produced=-4.0), rows)


@pytest.fixture(scope="module", params=list(Language))
def language(request):
    return request.param


def told(found, language=Language.EN):
    return frame(found, language).set_index("project_name")


# Properties


def test_every_project_of_the_ledger_has_its_row_in_its_order(found, rows, language):
    table = frame(found, language)
    assert table["project_name"].tolist() == rows["project_name"].tolist()
    assert (table["stage"] != "").all()


def test_every_state_is_met_and_only_those_on_their_way_get_figures(found, language):
    stages = dict(zip(found.rows["project_name"], found.standings.stage, strict=True))
    assert set(stages.values()) == set(Stage)
    figures = told(found, language)["p_next_within"]
    running = [name for name, stage in stages.items() if stage in {Stage.WAITING, Stage.BUILDING}]
    assert set(figures.index[figures.notna()]) == set(running) - {"waiting for ever", "building for ever"}


def test_a_row_without_a_figure_says_why_unless_it_is_at_its_end(found, language):
    table = told(found, language)
    silent = table[table["p_next_within"].isna()]
    ends = {STAGES[stage].said(language) for stage in (Stage.PRODUCED, Stage.WITHDRAWN)}
    assert (silent.loc[~silent["stage"].isin(ends), "note"] != "").all()


def test_concern_goes_from_the_least_likely_and_never_misses_a_place(found):
    table = told(found)
    for stage in (Stage.WAITING, Stage.BUILDING):
        listed = table[table["stage"] == STAGES[stage].en].dropna(subset="concern").sort_values("concern")
        assert listed["concern"].tolist() == list(range(1, len(listed) + 1))
        assert listed["p_next_within"].round(3).is_monotonic_increasing


def test_among_equals_the_older_comes_first(catalog, rows):
    level = seen(model_of(catalog, landed=-3.0, finished=-2.0), rows)  # no one leaves, the same level throughout
    equal = told(level).loc[["waiting", "filed anew", "waiting long"]]
    assert equal["p_next_within"].round(3).nunique() == 1
    assert equal.sort_values("concern").index.tolist() == ["waiting long", "waiting", "filed anew"]


def test_dates_lie_after_the_day_in_their_order(found):
    table = told(found).dropna(subset="expected_from")
    assert len(table) >= 3
    assert (table["expected_from"] >= pd.Timestamp(DAY)).all()
    assert (table["expected_from"] < table["expected_to"]).all()


def test_production_is_never_likelier_than_the_milestone_before_it(found):
    table = told(found).dropna(subset="p_next_within")
    assert (table["p_produced_within"] <= table["p_next_within"]).all()


# Words


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("waiting for ever", "72 个月更久：请人工判断", "the 72 months the model followed: judge by hand"),
        ("building for ever", "调大 reach_months", "raise reach_months in the catalogue"),
        ("waiting nearly too long", "按最后一期推算", "last level is taken on"),
        ("not entered", "尚未进入", "not entered"),
        ("impossible", "日期无法采用", "dates that cannot be"),
        ("refiled", "已重新申报", "filed anew"),
    ],
)
def test_what_a_figure_cannot_say_is_said_in_words(found, name, zh, en):
    assert zh in told(found, Language.ZH).loc[name, "note"]
    assert en in told(found, Language.EN).loc[name, "note"]


def test_a_project_that_is_hardly_to_come_gets_no_dates_and_is_said_to_be_unlikely(catalog, rows):
    table = told(seen(model_of(catalog, landed=-7.0), rows))
    assert table.loc["waiting", "p_next_within"] > 0
    assert pd.isna(table.loc["waiting", "expected_from"])
    assert "more likely not by 2028-12-3" in table.loc["waiting", "note"]


def test_a_model_without_the_finish_clock_says_so_of_those_being_built(catalog, rows):
    table = told(seen(model_of(catalog, landed=-3.0), rows))
    assert "no clock from start to production" in table.loc["building", "note"]
    assert pd.isna(table.loc["waiting", "p_produced_within"])


def test_a_register_that_knows_no_starts_lists_those_that_wait_for_production(catalog, rows):
    clocks = {Clock.PRODUCED: catalog.clocks[Clock.PRODUCED]}
    milestones = {name: m for name, m in catalog.milestones.items() if name != "landed"}
    only = replace(catalog, clocks=clocks, milestones=milestones)
    found = seen(model_of(only, produced=-3.0), rows.drop(columns="start_date"))
    table = told(found)
    assert table.loc["building", "stage"] == "waiting to produce"
    assert table.loc["building", "next_milestone"] == "produced"
    assert table.loc["building", "p_next_within"] == table.loc["building", "p_produced_within"]


def test_a_register_that_knows_no_production_has_nothing_to_await_after_the_start(catalog, rows):
    clocks = {Clock.LANDED: catalog.clocks[Clock.LANDED]}
    milestones = {name: m for name, m in catalog.milestones.items() if name != "produced"}
    only = replace(catalog, clocks=clocks, milestones=milestones)
    table = told(seen(model_of(only, landed=-3.0), rows.drop(columns="production_date")))
    assert table.loc["building", "stage"] == "started"
    assert "no later milestone" in table.loc["building", "note"]


# On the terminal and in the file


def printed(found, language, width=100):
    console = Console(width=width, file=io.StringIO())
    table = frame(found, language)
    for drawn in lists(found, table, language):
        console.print(drawn)
    for words in tally(found, table, language):
        console.print(words.said(language), markup=False, highlight=False, soft_wrap=True)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_both_lists_stand_on_a_terminal_with_no_figure_broken(found, language, width):
    text = printed(found, language, width)
    for stage in (Stage.WAITING, Stage.BUILDING):
        name = STAGES[stage].said(language)
        assert name[:1].upper() + name[1:] in text
    for share in frame(found, language)["p_next_within"].dropna():
        assert f"{share:.1%}" in text


def test_the_rows_add_up_and_those_left_to_judgement_are_named(found):
    text = printed(found, Language.EN)
    total = next(line for line in text.splitlines() if "projects =" in line)
    head, parts = total.split(" projects = ")
    assert int(head.split()[-1]) == sum(int(part.split()[-1]) for part in parts.split(" + ")) == len(found.rows)
    assert "2 are older than the 72 months the model followed" in text
    assert "waiting for ever, building for ever" in text
    assert "raise reach_months" in text
    chinese = printed(found, Language.ZH)
    assert "2 个比模型跟踪的 72 个月更久" in chinese
    assert "调大 reach_months" in chinese


def test_no_more_than_the_first_twenty_are_shown(catalog):
    many = rows_of({f"p{i}": (f"2023-{1 + i % 12:02d}-01", None, None, None) for i in range(30)})
    text = printed(seen(model_of(catalog, landed=-3.0), many), Language.EN)
    assert f"(30; the first {SHOWN} in order of concern)" in text
    assert sum("p" in line.split()[1][:1] for line in text.splitlines() if line.strip()[:1].isdigit()) == SHOWN


def test_the_file_holds_what_the_frame_holds_and_its_numbers_are_plain(found, language, tmp_path):
    outputs = Outputs(tmp_path / "forecast.csv")
    table = frame(found, language)
    assert written(table, pd.DataFrame({"line": pd.Series(dtype="int64")}), outputs) is None
    assert [path.name for path in tmp_path.iterdir()] == ["forecast.csv"]
    with outputs.scored.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["project_name"]: row for row in csv.DictReader(file)}
    assert list(rows) == table["project_name"].tolist()
    shown = table.set_index("project_name")
    assert float(rows["waiting"]["p_next_within"]) == pytest.approx(shown.loc["waiting", "p_next_within"], rel=1e-10)
    assert rows["waiting"]["concern"].isdigit()
    assert rows["waiting"]["expected_from"] == f"{shown.loc['waiting', 'expected_from']:%Y-%m-%d}"
    assert rows["produced"]["p_next_within"] == rows["produced"]["concern"] == ""
    assert rows["waiting"]["model_hash"] == "abc"
