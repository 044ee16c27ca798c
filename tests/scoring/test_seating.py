import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console

from features.catalog import Clock
from features.tables import Purpose, open_table
from features.words import Language
from models.ranks import Verdict
from scoring.batch import Outputs, score_table
from scoring.loading import load_scorer
from scoring.ranking import ROUND_COLUMNS
from scoring.seating import VERDICTS, seat, write_seating
from scoring.seating_listing import seats_table, seats_words, verdict_rule

DAY = "2025-01-30"
SEATS = 8


@pytest.fixture(scope="module")
def scorer(model, stand_in):
    plain = load_scorer(model, None, Language.ZH)
    return replace(plain, model=stand_in(plain.model))


@pytest.fixture(scope="module")
def opened(scorer, demonstration):
    def call():
        file = demonstration.folder / "round.csv"
        return open_table(file, scorer.model.catalog, Purpose.SCORE, as_of=np.datetime64(DAY))

    return call


@pytest.fixture(scope="module")
def seating(scorer, opened):
    return seat(opened(), scorer, SEATS, lambda rows: None)


def drawn(table, width):
    file = io.StringIO()
    Console(file=file, width=width).print(table)
    return file.getvalue()


def test_a_round_has_the_figures_of_a_scored_file(scorer, opened, seating, tmp_path):
    score_table(opened(), scorer, Outputs(tmp_path / "scored.csv"), lambda rows: None, 7, seats=SEATS)
    scored = pd.read_csv(tmp_path / "scored.csv", encoding="utf-8-sig").set_index("project_name")
    mine = seating.frame.set_index("project_name").loc[scored.index]
    for name in (*ROUND_COLUMNS, "p_produced", "p_produced_low", "p_produced_high"):
        np.testing.assert_allclose(mine[name].astype(float), scored[name], rtol=1e-11, atol=1e-11)
    assert scored.loc[scored["status"] == "scored", list(ROUND_COLUMNS)].notna().all(axis=None)
    assert scored.loc[scored["status"] == "vetoed", list(ROUND_COLUMNS)].isna().all(axis=None)


def test_neither_pieces_nor_the_order_of_the_file_move_any_column_of_the_round(scorer, opened, tmp_path):
    def call(name, table, chunk_rows):
        score_table(table, scorer, Outputs(tmp_path / name), lambda rows: None, chunk_rows, seats=SEATS)
        return (tmp_path / name).read_bytes()

    whole = call("whole.csv", opened(), 1000)
    assert call("pieces.csv", opened(), 5) == whole
    batch = opened().read()
    batch.rows.iloc[::-1].to_parquet(tmp_path / "turned.parquet")
    turned = open_table(
        tmp_path / "turned.parquet", scorer.model.catalog, Purpose.SCORE, as_of=np.datetime64(DAY), language=Language.ZH
    )
    call("turned.csv", turned, 1000)
    columns = ["project_name", *ROUND_COLUMNS]
    files = [pd.read_csv(tmp_path / name, encoding="utf-8-sig")[columns] for name in ("whole.csv", "turned.csv")]
    straight, other = (file.sort_values("project_name", ignore_index=True) for file in files)
    pd.testing.assert_frame_equal(other, straight, check_exact=True)


def test_seats_are_given_once_and_every_project_has_a_verdict(seating):
    scored = seating.frame[seating.frame["status"] == "scored"]
    assert scored["p_top_k"].sum() == pytest.approx(SEATS)
    assert sum(len(seating.of(verdict)) for verdict in Verdict) == len(scored) == seating.tally.scored
    assert len(seating.of(Verdict.DISCUSS)) > 0
    assert (scored["rank_low"] <= scored["rank"]).all()
    assert (scored["rank"] <= scored["rank_high"]).all()


def test_the_projects_stand_by_rank_and_the_vetoed_last(seating):
    assert seating.frame["rank"].dropna().is_monotonic_increasing
    assert seating.frame["status"].tolist() == sorted(seating.frame["status"])
    assert (seating.frame.loc[seating.frame["status"] == "vetoed", "verdict"] == "").all()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_the_terminal_and_draws_the_cut_after_the_last_seat(seating, scorer, language, width):
    text = drawn(seats_table(seating, scorer.model.catalog, language), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    lines = text.splitlines()
    ranks = [int(found[1]) if (found := re.match(r"\s*(\d+)\s+\d+–\d+ ", line)) else None for line in lines]
    cut = max(i for i, rank in enumerate(ranks) if rank is not None and rank <= SEATS)
    below = next(i for i, rank in enumerate(ranks) if rank is not None and rank > SEATS)
    assert any(set(line.strip()) == {"─"} for line in lines[cut:below])
    between = [line for line in lines[1:-1] if set(line.strip()) == {"─"}]
    assert len(between) == 3, "above, below the header, and the cut"
    for verdict in VERDICTS.values():
        assert verdict.said(language) in text


def test_a_register_that_knows_landing_alone_has_the_interval_of_landing(scorer, opened):
    catalog = scorer.model.catalog
    landed = replace(catalog, clocks={Clock.LANDED: catalog.clocks[Clock.LANDED]})
    model = replace(scorer.model._model, catalog=landed, hazards={Clock.LANDED: scorer.model.hazards[Clock.LANDED]})
    only = replace(scorer, model=type(scorer.model)(model))
    found = seat(opened(), only, SEATS, lambda rows: None)
    low, high = found.frame.loc[found.frame.index[0], ["p_landed_low", "p_landed_high"]]
    assert f"{low:.0%}–{high:.0%}" in drawn(seats_table(found, landed, Language.EN), 100)


@pytest.mark.parametrize("language", Language)
def test_the_rule_says_what_the_intervals_rest_on(language):
    assert {"zh": "不是保证", "en": "no guarantee"}[language.value] in verdict_rule(SEATS).said(language)


def test_the_tied_group_is_named(seating, scorer):
    said = " ".join(words.zh for words in seats_words(seating, scorer.model.catalog))
    tied = seating.of(Verdict.DISCUSS)["project_name"]
    assert f"分界线上难分高下的 {len(tied)} 个项目" in said
    assert all(name in said for name in tied[:12])
    assert all(name not in said for name in seating.of(Verdict.OUT)["project_name"])


def test_nobody_is_called_tied_where_every_project_has_a_seat(scorer, opened):
    words = [*seats_words(seat(opened(), scorer, 99, lambda rows: None), scorer.model.catalog)]
    assert any("没有需要讨论的项目" in said.zh for said in words)


def test_a_model_without_refits_ranks_and_says_what_it_cannot_tell(scorer, opened, stand_in):
    bare = replace(scorer, model=stand_in(scorer.model, b=0))
    found = seat(opened(), bare, SEATS, lambda rows: None)
    assert not found.told
    (words,) = seats_words(found, bare.model.catalog)
    assert "无从得知" in words.zh
    assert "–" not in drawn(seats_table(found, bare.model.catalog, Language.ZH), 100)


def test_a_written_round_is_safe_and_in_words(seating, demonstration, tmp_path):
    frame = seating.frame.assign(project_name=["=1+1", *seating.frame["project_name"][1:]])
    source = demonstration.folder / "round.csv"
    write_seating(replace(seating, frame=frame), tmp_path / "ranked.csv", source, Language.ZH)
    read = pd.read_csv(tmp_path / "ranked.csv", encoding="utf-8-sig", keep_default_na=False)
    assert read["project_name"][0] == "'=1+1"
    assert set(read["verdict"]) == {"", *(words.zh for words in VERDICTS.values())}
    assert len(read) == seating.tally.scored + seating.tally.vetoed


def test_the_command_prints_the_round_and_writes_it(luodi, demonstration, model, tmp_path):
    file, out = demonstration.folder / "round.csv", tmp_path / "ranked.csv"
    said = luodi("rank", file, "--model", model, "--seats", 12, "--out", out, "--as-of", DAY)
    assert said.code == 1, "four rows of the round are rejected"
    assert "面议" in said.err
    assert "12 个名额" in said.out
    assert re.search(r"读入 \d+ 行 = 评分 \d+ \+ 否决 \d+ \+ 退回 4", said.out)
    assert pd.read_csv(out, encoding="utf-8-sig")["rank"].iloc[0] == 1
    again = luodi("rank", file, "--model", model, "--seats", 12, "--out", out, "--as-of", DAY)
    assert again.out == said.out


def test_a_file_in_which_everything_is_rejected_has_no_table(luodi, sheet, model, tmp_path):
    said = luodi("rank", sheet.only([0]).changed(0, "计划总投资", "面议").saved(tmp_path / "a.csv"), "--model", model,
                 "--seats", 3, "--as-of", DAY)  # fmt: skip
    assert said.code == 1
    assert "评分 0 + 否决 0 + 退回 1" in said.out


def test_a_ranking_never_overwrites_its_own_input(luodi, sheet, model, tmp_path):
    file = sheet.saved(tmp_path / "a.csv")
    before = file.read_bytes()
    said = luodi("rank", file, "--model", model, "--seats", 3, "--out", file, "--as-of", DAY)
    assert said.code == 2
    assert file.read_bytes() == before


@pytest.mark.parametrize("seats", ["0", "-3", "many"])
def test_seats_are_a_number_of_at_least_one(luodi, model, sheet, tmp_path, seats):
    for command in ("rank", "score"):
        said = luodi(command, sheet.saved(tmp_path / "a.csv"), "--model", model, "--seats", seats)
        assert said.code == 2
        assert "--seats" in said.err
