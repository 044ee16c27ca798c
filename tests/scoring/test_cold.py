import pandas as pd
import pytest

from features.catalog import EXPLAINED
from features.words import Language
from models.bundle import load
from scoring.flags import FLAGS, Flag

DAY = "2025-01-30"
COLD = {language.value: FLAGS[Flag.COLD].said(language) for language in Language}
LANGUAGES = pytest.mark.parametrize("lang", list(COLD))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the cold model of the module lies."""
    return tmp_path_factory.mktemp("cold") / "model"


@pytest.fixture
def cold(luodi, kept):
    """A cold model's folder, written once by the command itself."""
    if not kept.exists():
        assert luodi("train", "--catalog", "zhaoshang", "--cold", "--out", kept, "--as-of", DAY).code == 0
    return kept


@pytest.fixture
def scored(luodi, cold, demonstration, tmp_path):
    """A call of ``luodi score`` on the demonstration's round: (what it said, the scored rows)."""

    def call(*more):
        out = tmp_path / "scored.csv"
        said = luodi("score", demonstration.folder / "round.csv", "--model", cold, "--out", out, "--as-of", DAY, *more)
        return said, pd.read_csv(out, encoding="utf-8-sig")

    return call


@LANGUAGES
def test_a_cold_model_is_told_for_what_it_is(luodi, tmp_path, lang):
    said = luodi("train", "--cold", "--out", tmp_path / "model", "--as-of", DAY, "--lang", lang)
    assert said.code == 0
    assert COLD[lang] in said.out
    page = (tmp_path / "model" / f"card.{lang}.md").read_text(encoding="utf-8")
    assert page.lower().count(COLD[lang]) == 1


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        ([], "--cold", "--cold"),
        (["a.csv", "--cold"], "不读历史台账；实际给出了 a.csv", "reads no history; got a.csv"),
        (["--cold", "--snapshot", "2024-01-01"], "--snapshot 2024-01-01", "--snapshot 2024-01-01"),
        (["--cold", "--catalog", "repd"], "[clock.landed]", "Write curve in [clock.landed]"),
    ],
)
def test_what_a_cold_start_cannot_do_is_refused_in_both_languages(luodi, tmp_path, arguments, zh, en):
    out = tmp_path / "model"
    chinese, english = luodi("train", *arguments, "--out", out), luodi("train", *arguments, "--out", out, "--lang=en")
    assert (chinese.code, english.code) == (2, 2)
    assert zh in chinese.err
    assert en in english.err
    assert not out.exists()


def test_the_same_catalogue_and_day_give_the_same_cold_model(luodi, cold, tmp_path):
    again = tmp_path / "again"
    luodi("train", "--cold", "--out", again, "--as-of", DAY)
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {p.name: p.read_bytes() for p in cold.iterdir()}


@LANGUAGES
def test_every_row_that_a_cold_model_scores_says_so_and_adds_up(scored, lang):
    said, table = scored("--lang", lang)
    assert COLD[lang] in said.out
    table = table[table["status"] == "scored"]
    assert len(table) > 20
    assert table["flags"].str.contains(COLD[lang], regex=False).all()
    assert not table["p_produced"].duplicated().all()
    points = table[[f"points_{dimension.value}" for dimension in EXPLAINED]].sum(axis=1)
    assert (table["base"] + points - table["p_produced"]).abs().max() < 1e-6


@LANGUAGES
def test_a_cold_ranking_says_so(luodi, cold, demonstration, lang):
    file = demonstration.folder / "round.csv"
    said = luodi("rank", file, "--model", cold, "--seats", 8, "--as-of", DAY, "--lang", lang)
    assert said.code == 1  # the round holds rows that cannot be read
    assert COLD[lang] in said.out


@LANGUAGES
def test_a_cold_explanation_says_so(luodi, cold, scored, demonstration, lang):
    _, table = scored()
    name = table.loc[table["rank"] == 1, "project_name"].iloc[0]
    file = demonstration.folder / "round.csv"
    said = luodi("explain", file, "--model", cold, "--id", name, "--as-of", DAY, "--lang", lang)
    assert said.code == 0
    assert COLD[lang] in said.out


@LANGUAGES
def test_a_cold_forecast_says_so_in_every_row_with_a_figure(luodi, cold, demonstration, tmp_path, lang):
    out = tmp_path / "forecast.csv"
    file = demonstration.folder / "history.csv"
    said = luodi("forecast", file, "--model", cold, "--out", out, "--as-of", "2024-12-31", "--lang", lang)
    assert said.code == 0
    assert COLD[lang] in said.out
    table = pd.read_csv(out, encoding="utf-8-sig")
    figured = table["p_next_within"].notna()
    assert figured.sum() > 100
    assert table["p_next_within"].dropna().between(0, 1).all()
    assert (table["note"].fillna("").str.contains(COLD[lang], regex=False) == figured).all()


def test_a_model_with_outcomes_does_not_call_itself_cold(luodi, model, demonstration, tmp_path):
    assert not load(model).cold
    file = demonstration.folder / "round.csv"
    said = luodi("score", file, "--model", model, "--out", tmp_path / "scored.csv", "--as-of", DAY)
    assert COLD["zh"] not in said.out + (tmp_path / "scored.csv").read_text(encoding="utf-8-sig")
