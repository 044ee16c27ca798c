import csv
import json
import re
from collections import namedtuple
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scoring.cli import run

CATALOG = (Path(__file__).parent / "golden" / "films.toml").read_text(encoding="utf-8")  # written from the guide alone
HISTORY_FROM, WRITTEN, REVIEW = date(2010, 1, 1), date(2024, 6, 30), "2024-07-31"
LATER = ("First day of shooting", "Premiere", "Tickets sold", "Last edited")
Said = namedtuple("Said", "code out err")


def films(rng, count, first, last):
    """Invented films as the fund's clerk writes them down; secured money and the script's stage bring them about."""
    for number in range(count):
        submitted = first + timedelta(days=int(rng.integers((last - first).days)))
        secured, stage, days = rng.uniform(0, 100), int(rng.integers(4)), int(rng.integers(10, 90))
        budget = round(float(rng.lognormal(1.5, 0.6)), 2)
        yearly = 0.5 / (1 + np.exp(3.2 - 0.06 * secured - 0.8 * (stage - 1.5)))
        wait = int(rng.geometric(yearly)) * 365 - int(rng.integers(5, 345))
        shot = submitted + timedelta(days=wait)
        shown = shot + timedelta(days=int(rng.integers(200, 500)))
        reached = [day if day <= WRITTEN else None for day in (shot, shown)]
        yield {
            "Dossier": f"SYN-{first.year}-{number:04}",
            "Submitted on": submitted,
            "Production company": f"Example Films {int(rng.integers(80))}",
            "Genre": rng.choice(["drama", "comedy", "crime", "children", "nature", "horror"]),
            "Format": rng.choice(["fiction", "documentary", "commercial"], p=[0.7, 0.26, 0.04]),
            "Financing secured": f"{secured:.0f} %" if rng.random() > 0.05 else "",
            "Script stage": ["outline", "treatment", "draft", "final"][stage],
            "Shooting budget (Mkr)": budget,
            "Total budget (Mkr)": round(budget * 1.4, 2),
            "Shooting days": days,
            "Foreign partner": rng.choice(["ja", "nej"]),
            "Colour of the folder": "green",
            "First day of shooting": reached[0],
            "Premiere": reached[1],
            "Tickets sold": int(rng.integers(1_000, 90_000)) if reached[1] else None,
            "Last edited": max(day for day in (submitted, *reached) if day),
        }


def saved(path, rows, *without):
    headers = [header for header in rows[0] if header not in without]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        for row in rows:
            cells = (row[header] for header in headers)
            writer.writerow([cell.strftime("%d/%m/%Y") if isinstance(cell, date) else cell for cell in cells])


def quick_recipe():
    text = resources.files("models").joinpath("recipes", "default.toml").read_text(encoding="utf-8")
    return re.sub(r"^rounds = \d+", "rounds = 60", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The stranger's desk: the catalogue, the register of 600 films, the 25 submitted this summer, a quick recipe."""
    folder, rng = tmp_path_factory.mktemp("films"), np.random.default_rng(7)
    history = list(films(rng, 600, HISTORY_FROM, date(2024, 1, 1)))
    saved(folder / "history.csv", history)
    saved(folder / "early.csv", [row for row in history if row["Submitted on"] < date(2017, 1, 1)])
    saved(folder / "batch.csv", list(films(rng, 25, date(2024, 7, 1), date(2024, 7, 30))), *LATER)
    (folder / "films.toml").write_text(CATALOG, encoding="utf-8")
    (folder / "quick.toml").write_text(quick_recipe(), encoding="utf-8")
    return folder


@pytest.fixture
def luodi(desk, capsys, monkeypatch):
    """The command line at that desk, in English."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(desk)

    def call(line):
        code = run([*line.split(), "--lang", "en"])
        said = Said(code, *capsys.readouterr())
        assert "Traceback" not in said.err
        return said

    return call


@pytest.fixture
def trained(desk, luodi):
    """The model of the stranger's register, trained once by the command."""
    if not (desk / "model").exists():
        said = luodi("train history.csv --catalog films.toml --recipe quick.toml --out model")
        assert said.code == 0, said.err
    return desk / "model"


def score(luodi, model="model"):
    said = luodi(f"score batch.csv --model {model} --as-of {REVIEW} --out scored.csv --contributions parts.parquet")
    assert said.code == 1, said.err  # the batch holds a commercial
    return said, pd.read_csv("scored.csv", encoding="utf-8-sig"), pd.read_parquet("parts.parquet")


# A strange register goes the whole way without code.


def test_the_catalogue_keeps_every_rule(luodi):
    said = luodi("catalog check films.toml")
    assert said.code == 0, said.out
    assert re.search(r"2 milestones.* landed 24.* produced 48", said.out)


def test_the_template_asks_for_the_stranger_s_own_columns_and_none_known_later(desk, luodi):
    asked = luodi("template --catalog films.toml").out.lstrip("\ufeff").strip().split(",")
    with (desk / "batch.csv").open(encoding="utf-8") as file:
        given = next(csv.reader(file))
    assert [re.sub(r" \(.*", "", header) for header in asked] == [
        re.sub(r" \(.*", "", header) for header in given if header != "Colour of the folder"
    ]


def test_the_history_is_sound_but_for_what_the_catalogue_excludes(luodi):
    said = luodi("check history.csv --catalog films.toml --history")
    assert "columns not known and not read: Colour of the folder" in said.out + said.err
    problems = [line for line in said.out.splitlines() if line.startswith("line ")]
    assert 0 < len(problems) < 60
    assert all("commercials are not films the fund supports" in line for line in problems)
    assert f"600 rows: {600 - len(problems)} sound" in said.out


def test_the_header_that_could_be_two_columns_is_asked(desk, luodi):
    text = (desk / "batch.csv").read_text(encoding="utf-8").replace("Shooting budget (Mkr)", "Budget", 1)
    (desk / "asked.csv").write_text(text, encoding="utf-8")
    said = luodi("check asked.csv --catalog films.toml")
    assert said.code == 1
    assert "one that fits shoot_budget (Shooting budget), total_budget (Total budget)" in said.out + said.err


def test_training_takes_the_day_of_the_file_from_its_own_column(desk, trained):
    with (desk / "history.csv").open(encoding="utf-8") as file:
        days = [row["Last edited"].split("/") for row in csv.DictReader(file) if row["Format"] != "commercial"]
    card = json.loads((trained / "card.json").read_text(encoding="utf-8"))
    assert card["dates"]["as_of"] == max(f"{year}-{month}-{day}" for day, month, year in days)
    assert {clock: told["period_months"] for clock, told in card["clocks"].items()} == {"landed": 12, "produced": 12}


def test_scores_come_out_for_every_row_and_rank_by_the_premiere(luodi, trained):
    said, table, _ = score(luodi)
    rejects = pd.read_csv("scored.rejects.csv", encoding="utf-8-sig")
    assert len(table) + len(rejects) == 25
    assert f"rows in: 25 = {len(table)} scored" in said.out
    assert table.sort_values("rank")["p_produced"].is_monotonic_decreasing
    assert table["p_landed"].between(0, 1, inclusive="neither").all()
    assert set(table["grade"]) <= set("ABCD")


def test_day_first_dates_come_out_as_the_clerk_meant_them(desk, luodi, trained):
    _, table, _ = score(luodi)
    with (desk / "batch.csv").open(encoding="utf-8") as file:
        written = {row["Dossier"]: "-".join(reversed(row["Submitted on"].split("/"))) for row in csv.DictReader(file)}
    assert dict(zip(table["dossier"], table["submitted"], strict=True)).items() <= written.items()


@pytest.mark.parametrize("clock", ["landed", "produced"])
def test_what_drives_the_register_is_the_strongest_contribution(luodi, trained, clock):
    _, _, parts = score(luodi)
    size = parts[parts["clock"] == clock].assign(size=lambda p: p["points"].abs()).groupby("attribute")["size"].mean()
    first, second, third, *_ = size.sort_values(ascending=False).index
    assert (first, second) == ("financed", "script")
    assert size[second] > 2 * size[third]


def test_an_explanation_names_the_driver_and_the_figure(luodi, trained):
    _, table, _ = score(luodi)
    best = table.sort_values("rank").iloc[0]
    said = luodi(f"explain batch.csv --model model --as-of {REVIEW} --id {best['dossier']}")
    assert said.code == 0, said.err
    assert "Financing secured" in said.out
    assert f"{best['p_produced']:.1%}".rstrip("%") in said.out


@pytest.mark.parametrize("asked", ["history.csv --from 2018 --to 2018", "early.csv"], ids=["as asked", "as supported"])
def test_the_register_s_own_past_is_evaluated_in_yearly_steps(desk, luodi, asked):
    said = luodi(f"evaluate {asked} --catalog films.toml --json found.json")
    assert said.code == 0, said.err
    found = json.loads((desk / "found.json").read_text(encoding="utf-8"))
    assert found["step_months"] == 12
    assert found["origins"]
    assert all(day.endswith("-01-01") for day in found["origins"])
    for clock, result in found["clocks"].items():
        days = [origin["origin"] for origin in result["origins"]]
        assert f"{clock}: {len(days)} origins, {days[0]} to {days[-1]}" in said.err
    assert found["clocks"]["produced"]["models"]["luodi"]["auc"] > 0.6


def test_years_without_mature_projects_are_refused_in_words(luodi):
    said = luodi("evaluate history.csv --catalog films.toml --from 2023 --to 2023")
    assert said.code != 0
    assert "name other years with --from and --to" in said.err


# One clock only


def without(text, *tables):
    """The catalogue without some of its tables."""
    parts = re.split(r"(?m)^(?=\[)", text)
    return "".join(part for part in parts if not part.startswith(tuple(f"[{table}]" for table in tables)))


def test_a_register_of_openings_alone_trains_and_scores_on_one_clock(desk, luodi):
    one = without(CATALOG, "clock.landed", "milestone.landed", "attribute.camera_roll")
    (desk / "one.toml").write_text(one, encoding="utf-8")
    assert re.search(r"1 milestones.* produced 48", luodi("catalog check one.toml").out)
    said = luodi("train history.csv --catalog one.toml --recipe quick.toml --out one")
    assert said.code == 0, said.err
    assert "landed within" not in said.out
    _, table, parts = score(luodi, "one")
    assert set(parts["clock"]) == {"produced"}
    assert table.sort_values("rank")["p_produced"].is_monotonic_decreasing
    assert table.get("p_landed", pd.Series(dtype=float)).isna().all()


# What is known later is never a feature.


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ('of = ["shoot_budget", "shoot_days"]', 'of = ["tickets", "shoot_days"]', "derived.cost_per_day.of: tickets"),
        ('of = ["shoot_budget", "shoot_days"]', 'of = ["shoot_budget", "tickets"]', "derived.cost_per_day.of: tickets"),
        ('label = "Tickets sold"', 'label = "Tickets sold"\ndimension = "market"', "attribute.tickets.known: tickets"),
        ('by = "company"', 'by = ["company", "tickets"]', "history[1].by: tickets"),
        ('entry = "submitted"', 'entry = "premiere"', "entry: premiere"),
    ],
)
def test_a_column_known_later_that_a_model_would_read_is_refused_by_name(desk, luodi, right, wrong, place):
    assert right in CATALOG
    (desk / "leak.toml").write_text(CATALOG.replace(right, wrong, 1), encoding="utf-8")
    said = luodi("catalog check leak.toml")
    assert said.code != 0
    told = [line for line in (said.out + said.err).splitlines() if line.startswith(place)]
    assert any("known later" in line and "leak the outcome" in line for line in told)
    refused = luodi("train history.csv --catalog leak.toml --out leak")
    assert refused.code != 0
    assert place in refused.out + refused.err
    assert not (desk / "leak").exists()


@pytest.mark.parametrize("clock", ["landed", "produced"])
def test_no_column_known_later_is_among_the_contributions(luodi, trained, clock):
    _, _, parts = score(luodi)
    names = set(parts.loc[parts["clock"] == clock, "attribute"])
    assert {"financed", "cost_per_day", "company__count"} <= names
    assert names.isdisjoint({"tickets", "camera_roll", "premiere", "last_edited"})
