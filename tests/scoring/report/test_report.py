import json
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest

from features.catalogs.reader import read_catalog
from features.synthetic import Design, generate
from features.timeline import trace
from features.words import Language
from models.drift import drift
from models.recipe import read_recipe
from models.retraining import retrain
from models.training import train
from scoring.policy_reader import read_policy
from scoring.report.charts import Limit, Span, Stack, pairs, spans, stacks
from scoring.report.document import document
from scoring.report.movers import moves_of
from scoring.report.retraining import HONEST, VERDICTS, html
from scoring.report.state import drift_section

HASH = "ab" * 32
SECRET = "<b>示例&公司</b>"


@pytest.fixture(scope="module")
def zhaoshang():
    return read_catalog("zhaoshang")


@pytest.fixture(scope="module")
def register():
    return generate(Design(n_projects=420, years=9), seed=11)


@pytest.fixture(scope="module")
def recipe():
    recipe = read_recipe()
    short = replace(recipe, trees=replace(recipe.trees, rounds=20), level=replace(recipe.level, folds=2))
    return replace(short, bag=replace(recipe.bag, members=2))


@pytest.fixture(scope="module")
def found(register, zhaoshang, recipe):
    as_of = register.design.day
    year = as_of - np.timedelta64(400, "D")
    champion = train(register.history, zhaoshang, as_of=year, snapshot=year, recipe=recipe)
    pipeline = register.new_round(12, 1).rows.assign(project_name=[f"{SECRET}{i}" for i in range(12)])
    return retrain(register.history, zhaoshang, as_of=as_of, champion=champion, pipeline=pipeline, recipe=recipe)


@pytest.fixture(scope="module")
def moves(found, zhaoshang):
    return moves_of(found.movers, read_policy(zhaoshang.policy, zhaoshang))


@pytest.fixture(scope="module", params=list(Language))
def page(request, found, moves):
    return request.param, html(found, HASH, moves, request.param, named=True)


def test_the_page_asks_nothing_of_any_network_and_runs_nothing(page):
    assert not re.search(r"https?://|<script|<link|<img|@import|url\(", page[1])


def test_the_page_says_what_cannot_be_known_and_what_is_advised_with_every_reason(page, found):
    language, text = page[0], unescape(page[1])
    assert HONEST.said(language) in text
    assert VERDICTS[found.advice.verdict].said(language) in text
    assert all(words.said(language) in text for _, words in found.advice.reasons)


def test_the_page_is_whole_and_has_every_section_once(page):
    tree = ElementTree.fromstring(page[1].removeprefix("<!doctype html>"))
    sections = [section.get("id") for section in tree.iter("section")]
    assert sections == ["moves", "newest", "rolling", "maturity", "drift", "news"]


def test_the_english_page_has_no_chinese_but_the_names_and_levels_of_the_register(found, moves):
    text = html(found, HASH, moves, Language.EN, named=False)
    told = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    assert len(re.findall(r"[\u4e00-\u9fff]", told)) < 40


def test_names_are_written_out_in_the_office_alone_and_never_as_markup(found, moves):
    for language in Language:
        assert "&lt;b&gt;示例&amp;公司" in html(found, HASH, moves, language, named=True)
        assert "示例&amp;公司" not in html(found, HASH, moves, language, named=False)
    assert SECRET in document(found, HASH, moves, named=True)
    assert SECRET not in document(found, HASH, moves, named=False)


def test_the_same_findings_give_the_same_bytes(found, moves):
    assert document(found, HASH, moves, named=True) == document(found, HASH, moves, named=True)
    assert html(found, HASH, moves, Language.ZH, named=True) == html(found, HASH, moves, Language.ZH, named=True)


def test_the_json_holds_what_was_found(found, moves):
    told = json.loads(document(found, HASH, moves, named=True))
    clock = found.challenger.catalog.headline
    assert told["newest"][clock]["events"] == found.newest[clock].events
    assert told["maturity"][clock][-1]["projects"] == found.maturity[clock][-1].projects
    assert told["drift"]["columns"][0]["id"] == found.drift.columns[0].id
    assert [p["project"] for p in told["moves"]["projects"]] == [found.movers.keys[i] for i in found.movers.order]


def test_who_changes_grade_stands_first(found, moves):
    told = json.loads(document(found, HASH, moves, named=True))["moves"]
    assert told["counts"]["other_grade"] == int(moves.regraded.sum())
    assert told["counts"]["projects"] == 12


def test_what_has_too_few_projects_is_named_and_not_judged(found, register, zhaoshang):
    model = found.challenger
    timeline = trace(register.history, zhaoshang, as_of=found.as_of, snapshot=found.as_of)
    rows = register.history[timeline.admitted].reset_index(drop=True)
    section = drift_section(drift(model.features(rows), model.features(rows.head(5))))
    assert section.charts == []
    assert {row[4].en for row in section.tables[0].rows} == {"too few projects"}


def test_nothing_drawn_leaves_its_chart():
    drawn = [
        spans([Span("a", 9.0, -1.0, 99.0, "9")], (Limit(0.5, "x"),), most=1.0),
        stacks([Stack("b", (0.5, 0.5), "100 %")], (("c", "#000"), ("d", "#fff"))),
        pairs([("e", Span("", 0.5, 0.0, 1.0, "50 %"), 2.0)], ("f", "g")),
    ]
    for chart in drawn:
        wide = float(ElementTree.fromstring(chart).get("viewBox").split()[2])
        places = [float(x) for x in re.findall(r'(?:cx|x|x1|x2)="([-\d.]+)"', chart)]
        assert min(places) >= 0
        assert max(places) <= wide
