from datetime import date
from functools import cache

import numpy as np
import pytest

from features.catalogs.reader import read_catalog
from features.errors import Refused
from features.synthetic.design import Design
from features.synthetic.register import generate
from features.words import Language
from models.cold import cold_model
from scoring.engine import VETOED, Scorer
from scoring.policy_reader import read_policy
from scoring.review.filings import Sheet
from scoring.review.models import AuditEntry, CatalogText, Filing, PolicyText, Round, Score
from scoring.review.rounds import Verdicts, explanations, keep_round, records

DAY = np.datetime64("2026-03-10")


@cache
def scored():
    """A round of ten projects, one of them stopped by a red line, under a model of the catalogue alone."""
    catalog = read_catalog("zhaoshang")
    rows = generate(Design(n_projects=50), seed=3).new_round(10, seed=1, day=DAY).rows
    rows.loc[3, "catalogue_class"] = "淘汰"
    scorer = Scorer(cold_model(catalog, as_of=DAY), read_policy("cn-2026", catalog), "cold", "0f" * 32, Language.ZH)
    return rows, scorer, scorer.score(rows)


def kept(by, name="2026-03"):
    rows, scorer, made = scored()
    sheet = Sheet(rows, scorer.model.catalog, DAY.item(), "round.csv")
    verdicts = Verdicts(made.frame, explanations(made.assessment), scorer.digest, scorer.policy)
    return keep_round(name, sheet, verdicts, by)


def test_every_row_has_its_score_with_the_very_figures_of_the_scored_file(stores, person):
    admitted = kept(person("clerk", "analyst"))
    frame = scored()[2].frame
    own = [name for name in frame if name not in scored()[0]]
    figures = dict(Score.objects.values_list("filing_id", "figures"))
    assert [figures[filing] for filing in admitted.ids] == records(frame[own])
    assert frame["p_produced"].dropna().tolist() == [one["p_produced"] for one in figures.values() if "base" in one]


def test_a_score_is_kept_with_what_it_was_made_by(store, person):
    by = person("clerk", "analyst")
    kept(by)
    rows, scorer, _ = scored()
    opened = Round.objects.get()
    assert (opened.model_hash, opened.opened_by) == (scorer.digest, by)
    assert opened.catalog == CatalogText.objects.get(text=scorer.model.catalog.text)
    assert opened.policy == PolicyText.objects.get(text=scorer.policy.text)
    assert {score.model_hash for score in Score.objects.all()} == {scorer.digest}
    assert {filing.recorded_on for filing in Filing.objects.all()} == {date(2026, 3, 10)}
    assert AuditEntry.objects.last().detail == {"model_hash": scorer.digest, "scores": len(rows)}


def test_an_explanation_adds_up_to_its_figure_on_every_clock(store, person):
    kept(person("clerk", "analyst"))
    told = [score.explanation for score in Score.objects.all() if score.figures["status"] != VETOED]
    assert len(told) > 5
    for explanation in told:
        assert set(explanation) == {"landed", "produced"}
        for clock in explanation.values():
            assert clock["base"] + sum(clock["points"].values()) == pytest.approx(clock["figure"], abs=1e-12)


def test_a_vetoed_project_has_neither_figure_nor_explanation(store, person):
    kept(person("clerk", "analyst"))
    vetoed = Score.objects.get(filing__project__name=scored()[0]["project_name"][3])
    assert vetoed.figures["status"] == VETOED
    assert vetoed.explanation == {}
    assert "p_produced" not in vetoed.figures


def test_a_round_is_kept_once_under_its_name(stores, person):
    by = person("clerk", "analyst")
    kept(by)
    with pytest.raises(Refused, match="'2026-03'"):
        kept(by)
    assert (Round.objects.count(), Score.objects.count()) == (1, 10)
    again = kept(by, "2026-04")
    assert (again.filings, again.known) == (0, 10)
    assert (Round.objects.count(), Score.objects.count(), Filing.objects.count()) == (2, 20, 10)
