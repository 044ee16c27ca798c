import pytest

from features.words import Words
from models.advice import ENOUGH_EVENTS, RULES, Evidence, Verdict, advise
from models.intervals import Figure

BETTER, WORSE, EVEN = Figure(-0.02, -0.03, -0.01), Figure(0.02, 0.01, 0.03), Figure(0.0, -0.005, 0.005)
WATER = Words("水", "water")
CASES = {
    "other_questions": Evidence(champion=True, comparable=False),
    "level_off": Evidence(champion=True, events=100, expected=200.0, bounds=(76.0, 129.0)),
    "score_drift": Evidence(champion=True, events=100, score_drifted=True),
    "attribute_drift": Evidence(champion=True, events=100, drifted=(WATER, WATER, WATER)),
    "worse_on_newest": Evidence(champion=True, events=100, loss_gap=WORSE),
    "worse_recipe": Evidence(champion=True, events=100, recipe_gap=WORSE),
    "knows_later": Evidence(champion=True, knows_later=True),
    "too_little_new": Evidence(champion=True, events=ENOUGH_EVENTS - 1),
    "first": Evidence(champion=False),
    "cold": Evidence(champion=True, cold=True, events=3),
    "better_on_newest": Evidence(champion=True, events=100, loss_gap=BETTER),
    "fresher": Evidence(champion=True, events=100, loss_gap=EVEN, age_months=13.0),
}


def test_every_rule_has_a_case():
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_holds_in_its_case_and_decides_there(rule):
    assert rule.holds(CASES[rule.id])
    advice = advise(CASES[rule.id])
    assert advice.verdict is rule.verdict
    assert advice.reasons[0] == (rule.verdict, rule.said(CASES[rule.id]))


def test_no_reason_at_all_keeps_the_champion_and_says_so():
    advice = advise(Evidence(champion=True, events=100, loss_gap=EVEN, age_months=2.0))
    assert advice.verdict is Verdict.KEEP
    assert len(advice.reasons) == 1


def test_one_reason_to_investigate_outweighs_a_better_model_and_both_are_told():
    evidence = Evidence(champion=True, events=100, loss_gap=BETTER, score_drifted=True)
    assert [verdict for verdict, _ in advise(evidence).reasons] == [Verdict.INVESTIGATE, Verdict.PROMOTE]


def test_a_level_within_what_chance_allows_is_no_reason_to_investigate():
    evidence = Evidence(champion=True, events=100, expected=125.0, bounds=(76.0, 129.0), loss_gap=BETTER)
    assert advise(evidence).verdict is Verdict.PROMOTE


def test_a_worse_model_is_kept_out_even_where_the_champion_is_old():
    evidence = Evidence(champion=True, events=100, loss_gap=WORSE, age_months=40.0)
    assert advise(evidence).verdict is Verdict.KEEP
