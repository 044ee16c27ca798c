import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.errors import Refused
from features.tables import Purpose, open_table
from features.words import Language
from models.bundle import load, model_hash
from scoring.batch import Outputs, score_table
from scoring.loading import load_scorer
from scoring.ranking import ROUND_COLUMNS

AS_OF = np.datetime64("2025-01-30")


@pytest.fixture(scope="module")
def scorer(model):
    return load_scorer(model, None, Language.ZH)


@pytest.fixture
def scored(scorer, demonstration, tmp_path):
    def call(chunk_rows, file=None):
        folder = tmp_path / str(chunk_rows)
        folder.mkdir()
        outputs = Outputs(folder / "scored.csv", folder / "parts.parquet", folder / "rejects.csv")
        table = open_table(file or demonstration.folder / "round.csv", scorer.model.catalog, Purpose.SCORE, as_of=AS_OF)
        told: list[int] = []
        return score_table(table, scorer, outputs, told.append, chunk_rows), outputs, sum(told)

    return call


@pytest.mark.parametrize("chunk_rows", [3, 17])
def test_how_a_file_is_cut_into_pieces_changes_no_byte(scored, chunk_rows):
    (whole, one, _), (pieces, many, _) = scored(1000), scored(chunk_rows)
    assert pieces.tally == whole.tally
    assert many.scored.read_bytes() == one.scored.read_bytes()
    assert many.rejects.read_bytes() == one.rejects.read_bytes()
    order = ["key", "clock", "attribute"]
    tables = [pq.read_table(o.contributions).to_pandas().astype(dict.fromkeys(order, str)) for o in (one, many)]
    pd.testing.assert_frame_equal(*(t.sort_values(order, ignore_index=True) for t in tables), check_categorical=False)


def test_rows_in_are_scored_vetoed_and_rejected(scored):
    round_, outputs, told = scored(9)
    tally = round_.tally
    assert tally.read == tally.scored + tally.vetoed + tally.rejected
    frame = pd.read_csv(outputs.scored, encoding="utf-8-sig")
    assert frame["status"].value_counts().to_dict() == {"scored": tally.scored, "vetoed": tally.vetoed}
    assert len(pd.read_csv(outputs.rejects, encoding="utf-8-sig")) == tally.rejected
    assert told == tally.read + tally.scored + tally.vetoed


def test_ranks_follow_the_headline_figure_of_the_whole_file(scored):
    _, outputs, _ = scored(5)
    frame = pd.read_csv(outputs.scored, encoding="utf-8-sig")
    expected = frame["p_produced"].rank(ascending=False, method="min")
    pd.testing.assert_series_equal(frame["rank"].astype(float), expected, check_names=False)


def test_the_best_are_shown_in_the_order_of_their_ranks(scored):
    round_, _, _ = scored(4)
    assert round_.best["rank"].tolist() == sorted(round_.best["rank"])
    assert len(round_.best) == 20
    assert set(round_.vetoed["status"]) == {"vetoed"}


def test_a_file_in_which_everything_is_rejected_still_has_its_rejects(scored, demonstration, tmp_path):
    lines = (demonstration.folder / "round.csv").read_bytes().decode("gb18030").splitlines()
    file = tmp_path / "bad.csv"
    file.write_text("\n".join([lines[0], lines[9]]) + "\n", encoding="utf-8")
    round_, outputs, _ = scored(10, file)
    assert (round_.tally.read, round_.tally.rejected) == (1, 1)
    assert outputs.scored.read_text(encoding="utf-8-sig").count("\n") == 1
    assert pq.read_table(outputs.contributions).num_rows == 0


def test_every_column_of_the_round_stands_in_the_file_once(scored):
    _, outputs, _ = scored(100)
    header = outputs.scored.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert len(header) == len(set(header))
    assert [name for name in header if name in ROUND_COLUMNS] == list(ROUND_COLUMNS)
    assert header[-2:] == ["model", "model_hash"]


def test_the_file_names_the_model_and_its_hash_wherever_it_lies(scored, model):
    _, outputs, _ = scored(100)
    frame = pd.read_csv(outputs.scored, encoding="utf-8-sig")
    assert set(frame["model_hash"]) == {model_hash(load(model))}
    assert set(frame["model"]) == {"zhaoshang 2024-12-31"}


@pytest.mark.parametrize(
    "outputs",
    [
        Outputs(Path("in.csv")),
        Outputs(Path("a.csv"), Path("./a.csv")),
        Outputs(Path("a.csv"), rejects=Path("x/../a.csv")),
        Outputs(Path("a.csv"), Path("a.rejects.csv")),
    ],
    ids=["the input", "itself", "another spelling", "the rejects beside it"],
)
def test_two_files_on_one_path_are_refused(outputs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="a name of its own"):
        outputs.check(Path("in.csv"))


def test_a_link_to_the_input_is_the_input(tmp_path):
    (tmp_path / "in.csv").touch()
    (tmp_path / "out.csv").symlink_to(tmp_path / "in.csv")
    with pytest.raises(Refused):
        Outputs(tmp_path / "out.csv").check(tmp_path / "in.csv")


def test_scoring_waits_neither_for_lightgbm_nor_for_scikit_learn(demonstration, tmp_path):
    named = ["--model", str(demonstration.folder / "model"), "--out", str(tmp_path / "scored.csv")]
    code = (
        "import sys; from scoring.cli import run\n"
        f"run({['score', str(demonstration.folder / 'round.csv'), *named, '--as-of', str(AS_OF)]!r})\n"
        "sys.exit(', '.join({'lightgbm', 'sklearn'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "scored.csv").exists()
