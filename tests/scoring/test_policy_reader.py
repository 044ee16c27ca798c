import re
from hashlib import sha256

import pytest

from features.catalogs.reader import read_catalog
from features.errors import CatalogError
from features.words import Language
from scoring.conditions import Comparison, Group, Operator
from scoring.policy import EFFECTS, Effect
from scoring.policy_reader import BUILT_IN, PACKS, parse_policy, read_policy

CATALOG = read_catalog("zhaoshang")

HEAD = """
name = "town"
version = "1"
label = "镇"
label_en = "town"
grades = [{ id = "A", at_least = 0.5, meaning = "高", meaning_en = "high" }, { id = "B", at_least = 0, meaning = "低" }]
"""

GATE = """
[[gates]]
id = "land"
effect = "veto"
title = "用地"
basis = "镇规"
in_force = 2025-01-01
remedy = "另选"
when = { WHEN }
"""

MERIT = """
[[merit]]
id = "jobs"
label = "就业"
points = 100
parts = [{ PART }]
"""

JOBS = 'attribute = "jobs", unit = "人", steps = [[0, 0], [10, 100]]'


def town(text):
    return parse_policy(HEAD + text, "town.toml", CATALOG)


def faults(text):
    with pytest.raises(CatalogError) as caught:
        town(text)
    assert "town.toml" in caught.value.message.zh
    return [str(problem) for problem in caught.value.problems]


def test_the_built_in_packs_are_those_in_the_folder():
    assert set(BUILT_IN) == {path.stem for path in PACKS.glob("*.toml")}


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_pack_keeps_its_text_and_hash(name):
    policy = read_policy(name, CATALOG)
    assert policy.name == name
    assert policy.text == (PACKS / f"{name}.toml").read_text(encoding="utf-8")
    assert policy.digest == sha256(policy.text.encode()).hexdigest()


@pytest.mark.parametrize("name", ["zhaoshang", "repd"])
def test_the_policy_that_a_catalogue_names_fits_it(name):
    catalog = read_catalog(name)
    assert read_policy(catalog.policy, catalog).grades


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_text_of_a_pack_exists_in_both_languages(name):
    policy = read_policy(name, CATALOG)
    words = [policy.label, *(item.label for item in policy.merit), *(grade.meaning for grade in policy.grades)]
    for one in [*words, *EFFECTS.values()]:
        assert one.zh.strip()
        assert one.en.strip()
        assert not re.search(r"[\u4e00-\u9fff]", one.en)


def test_a_gate_reads_as_written():
    (gate,) = town(GATE.replace("WHEN", 'attribute = "plot_ratio", below = 1')).gates
    assert gate.when == Comparison("plot_ratio", Operator.BELOW, 1.0)
    assert (gate.effect, gate.unanswered, gate.until) == (Effect.VETO, True, None)
    assert gate.title.said(Language.EN) == "用地", "a pack written in one language speaks it in both"


def test_groups_nest():
    when = """all = [
        { attribute = "in_park", is = false },
        { any = [
            { attribute = "plot_ratio", missing = true },
            { attribute = "industry_code", starts_with = ["C26"] },
        ] },
    ]"""
    (gate,) = town(GATE.replace("WHEN", when)).gates
    assert gate.when == Group(
        True,
        (
            Comparison("in_park", Operator.IS, False),
            Group(
                False,
                (
                    Comparison("plot_ratio", Operator.MISSING, True),
                    Comparison("industry_code", Operator.STARTS_WITH, ("C26",)),
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ('attribute = "plot_ratoi", below = 1', "did you mean plot_ratio?"),
        ('attribute = "qqqq", below = 1', "nothing near it in catalogue zhaoshang"),
        ('attribute = "referrer_type", one_of = ["领导"]', "must not be audit-only or known later"),
        ('attribute = "start_date", missing = true', "must not be audit-only or known later"),
        (
            'attribute = "total_investment", above = 5',
            "must be the catalogue's unit of total_investment (万元); got ''",
        ),
        ('attribute = "total_investment", above = 5, unit = "元"', "got '元'"),
        ('attribute = "catalogue_class", one_of = ["淘态"]', "must be a level of catalogue_class"),
        ('attribute = "in_park", above = 1', "asks of integer, number; got in_park, a flag"),
        ('attribute = "plot_ratio", is = true', "asks of flag"),
        ('attribute = "plot_ratio", below = 1, above = 2', "must have exactly one of"),
        ('attribute = "plot_ratio"', "got none"),
        ('attribute = "plot_ratio", below = "1"', "must be a finite number"),
        ('attribute = "plot_ratio", below = 1, nuit = "x"', "is not a key known here"),
        ("all = []", "must hold at least one condition"),
    ],
)
def test_a_condition_that_breaks_a_rule_is_refused_in_words(when, message):
    assert any(message in fault for fault in faults(GATE.replace("WHEN", when)))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (JOBS.replace("[10, 100]", "[0, 100]"), "must be two or more [value, points], values rising"),
        (JOBS.replace("[10, 100]", "[10, 90]"), "must be the sum of its parts, 90; got 100"),
        (JOBS.replace("[0, 0]", "[0, -5]"), "must give points, none below 0"),
        (JOBS.replace("人", "个"), "must be the catalogue's unit of jobs"),
        ('attribute = "in_park", yes = 100', "parts[1].no: is missing"),
        ('attribute = "eia_risk", levels = { "无" = 100 }', "must give points to every level; missing 轻, 中, 重"),
        ('attribute = "eia_risk", steps = [[0, 0], [1, 100]]', "steps: is not a key known here"),
        ('attribute = "referrer_type", levels = {}', "must not be audit-only"),
    ],
)
def test_a_rubric_that_breaks_a_rule_is_refused_in_words(part, message):
    assert any(message in fault for fault in faults(MERIT.replace("PART", part)))


def test_every_problem_of_a_pack_is_told_at_once():
    gate = (
        GATE.replace("WHEN", 'attribute = "plot_ratoi", below = 1').replace("veto", "vetoo").replace("2025-01-01", "5")
    )
    told = faults(gate + MERIT.replace("PART", JOBS.replace("人", "个")) + "\n[extra]\n")
    assert len(told) == 5, told


@pytest.mark.parametrize("key", ["id", "effect", "title", "basis", "in_force", "remedy", "when"])
def test_a_gate_lacks_nothing(key):
    text = "\n".join(line for line in GATE.splitlines() if not line.startswith(f"{key} ="))
    assert f"gates[1].{key}: is missing; add it" in faults(text.replace("WHEN", 'attribute = "plot_ratio", below = 1'))


def test_points_add_up_to_a_hundred_and_ids_differ():
    half = MERIT.replace("PART", JOBS.replace("[10, 100]", "[10, 50]")).replace("points = 100", "points = 50")
    assert faults(half) == ["merit: points must add up to 100; got 50"]
    assert faults(half + half) == ["merit: ids must differ; got jobs more than once"]


@pytest.mark.parametrize("bounds", [(0.5, 0.1), (0.2, 0.5, 0.0), (0.5, 0.5, 0.0)])
def test_grades_fall_to_zero(bounds):
    rows = ", ".join(f'{{ id = "G{i}", at_least = {b}, meaning = "x" }}' for i, b in enumerate(bounds))
    with pytest.raises(CatalogError, match="must fall from the best band to 0"):
        parse_policy(re.sub(r"grades = .*", f"grades = [{rows}]", HEAD), "town", CATALOG)


def test_a_policy_that_is_not_there_is_refused_with_the_names_that_are(tmp_path):
    with pytest.raises(CatalogError, match=r"one of cn-2026, plain.*got 'nowhere\.toml'"):
        read_policy("nowhere.toml", CATALOG)
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ", encoding="utf-8")
    with pytest.raises(CatalogError, match="must be TOML"):
        read_policy(broken, CATALOG)
    broken.write_bytes("name = '镇'".encode("gb18030"))
    with pytest.raises(CatalogError, match="UTF-8"):
        read_policy(broken, CATALOG)
