import pandas as pd
import pytest

from scoring.store import prepare

prepare()  # before any test imports what Django keeps for itself


@pytest.fixture
def rounds(scored, sheet, store, person, monkeypatch):
    """Score the demonstration's round, and keep it in a store under the name given."""
    from scoring.review.entrance import issue_token

    monkeypatch.setenv("LUODI_TOKEN", issue_token(person("wang", "secretary")))

    def keep(name):
        return scored(sheet, "--round", name)

    return keep


def test_a_kept_round_holds_what_the_scored_file_shows(rounds, read_scored):
    from scoring.review.models import Filing, Round, Score

    said, out = rounds("2025-01")
    assert "2025-01" in said.out
    rows = read_scored(out)
    assert Filing.objects.count() == Score.objects.count() == len(rows)
    kept = Round.objects.get(name="2025-01")
    for score in Score.objects.filter(round=kept).select_related("filing__project"):
        row = rows[score.filing.project.name]
        assert score.model_hash == row["model_hash"] == kept.model_hash
        assert score.figures["status"] == row["status"]
        for figure in ("p_landed", "p_produced", "rank", "merit"):
            shown = pd.to_numeric(row[figure]) if row[figure] else None
            assert score.figures.get(figure) == (None if shown is None else pytest.approx(shown, rel=1e-11))
        if row["status"] == "scored":
            why = score.explanation["produced"]
            assert why["base"] + sum(why["points"].values()) == pytest.approx(why["figure"], abs=1e-9)


def test_a_round_is_kept_once_and_the_second_leaves_no_files(rounds):
    from scoring.review.models import Score

    _, out = rounds("2025-01")
    count, first = Score.objects.count(), out.read_bytes()
    out.unlink()
    said, out = rounds("2025-01")
    assert said.code == 2
    assert not out.exists()
    assert Score.objects.count() == count
    assert first


def test_a_round_again_under_another_name_adds_scores_and_no_filings(rounds):
    from scoring.review.models import Filing, Score

    rounds("2025-01")
    filings = Filing.objects.count()
    rounds("2025-02")
    assert Filing.objects.count() == filings
    assert Score.objects.count() == 2 * filings


def test_a_round_asks_who_keeps_it(rounds, monkeypatch, scored, sheet):
    monkeypatch.delenv("LUODI_TOKEN")
    said, out = scored(sheet, "--round", "2025-01")
    assert said.code == 2
    assert "--user" in said.err
    assert not out.exists()


def test_outcomes_of_a_kept_round_are_taken_in(rounds, luodi, read_scored, tmp_path):
    _, out = rounds("2025-01")
    names = list(read_scored(out))[:3]
    feed = tmp_path / "feed.csv"
    feed.write_text("项目名称,事件,日期\n" + "".join(f"{name},签约,2025-02-01\n" for name in names), encoding="utf-8")
    said = luodi("outcomes", "add", feed, "--as-of", "2025-03-01")
    assert (said.code, "读入 3 行 = 新 3" in said.out) == (0, True), said.out
