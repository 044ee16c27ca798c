import asyncio
import csv
import json

import numpy as np
import pandas as pd
import pytest

from features.errors import Refused
from features.words import Language
from models.fetching import digest_of
from models.registry import log
from models.served_columns import ANSWERS, columns, example
from scoring.loading import load_scorer
from scoring.serving import Served, _load_pyfunc

DAY = "2025-01-30"
ASKED = {"as_of": DAY}
FIGURES = ("p_landed", "p_produced", "p_low", "p_high")


@pytest.fixture(scope="session")
def scorer(model):
    return load_scorer(model, None, Language.ZH)


@pytest.fixture(scope="session")
def served(scorer):
    return Served(scorer)


@pytest.fixture
def as_scored(luodi, model, tmp_path):
    """What ``luodi score`` makes of a request saved as a sheet: its rows by project."""

    def call(frame):
        frame.to_csv(tmp_path / "request.csv", index=False)
        said = luodi("score", tmp_path / "request.csv", "--model", model, "--out", tmp_path / "out.csv", "--as-of", DAY)
        assert said.code in (0, 1), said.err
        with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
            return {row["project_name"]: row for row in csv.DictReader(file)}

    return call


# The same answers as the command line


def test_a_request_gets_the_figures_of_the_scored_file(served, request_frame, as_scored):
    told, scored = served.predict(request_frame, ASKED), as_scored(request_frame)
    assert list(told.columns) == list(ANSWERS)
    assert len(told) == len(request_frame) > 30
    files = {"p_low": "p_produced_low", "p_high": "p_produced_high"}
    for name, answer in zip(request_frame["project_name"], told.to_dict("records"), strict=True):
        row = scored[name]
        for column in (*FIGURES, "status", "grade", "flags", "model_hash"):
            file = row[files.get(column, column)]
            if column in FIGURES and file:
                assert abs(answer[column] - float(file)) <= 1e-12
            else:
                assert (answer[column] or "") == file
        assert answer["problems"] is None
    assert set(told["status"]) == {"scored", "vetoed"}


def test_a_row_is_answered_the_same_alone_and_in_company_in_any_order(served, request_frame):
    whole = served.predict(request_frame, ASKED)
    order = np.random.default_rng(3).permutation(len(request_frame))
    mixed = served.predict(request_frame.iloc[order].reset_index(drop=True), ASKED)
    pd.testing.assert_frame_equal(mixed, whole.iloc[order].reset_index(drop=True))
    for place in (0, 7):
        alone = served.predict(request_frame.iloc[[place]], ASKED)
        pd.testing.assert_frame_equal(alone, whole.iloc[[place]].reset_index(drop=True))


def test_columns_that_need_not_be_there_may_be_missing_or_empty(served, scorer, request_frame):
    needed = [c.id for c in columns(scorer.model.catalog) if c.is_required]
    without = served.predict(request_frame[needed], ASKED)
    empty = request_frame.copy()
    for c in columns(scorer.model.catalog):
        if c.id in empty and not c.is_required:
            empty[c.id] = np.nan if c.is_figure else None
    assert served.predict(empty, ASKED)["p_produced"].tolist() == without["p_produced"].tolist()
    assert without["p_produced"].notna().any()


def test_answers_are_json_that_every_client_reads(served, request_frame):
    text = json.dumps(served.predict(request_frame, ASKED).to_dict("records"), allow_nan=False)
    assert {type(row["p_landed"]) for row in json.loads(text)} == {float, type(None)}


def test_words_are_in_the_language_asked_for(served, request_frame):
    english = served.predict(request_frame, {"as_of": DAY, "lang": "en"})
    chinese = served.predict(request_frame, {"as_of": DAY, "lang": "zh"})
    assert english["p_landed"].tolist() == chinese["p_landed"].tolist()
    assert "not filed, 0 points" in " ".join(english["flags"].dropna())
    assert "按 0 分计" in " ".join(chinese["flags"].dropna())


# Rows that no sheet could hold


def test_a_row_that_is_not_sound_is_rejected_and_the_others_are_answered(served, request_frame, as_scored):
    spoilt = request_frame.head(6).copy()
    spoilt.loc[1, "project_name"] = None
    spoilt.loc[2, "market_prospect"] = "会好的"
    spoilt.loc[3, "review_date"] = "2025-02-30"
    spoilt.loc[4, "review_date"] = "2025-01-31"
    spoilt.loc[5, "project_name"] = spoilt.loc[0, "project_name"]
    told = served.predict(spoilt, {**ASKED, "lang": "en"})
    assert told["status"].tolist() == [told["status"][0], *["rejected"] * 5]
    assert told.loc[1:, list(FIGURES)].isna().all(axis=None)
    for place, words in enumerate(["project_name", "会好的", "2025-02-30", "2025-01-31", "line 2"], start=1):
        assert words in told["problems"][place]
    assert set(as_scored(spoilt)) == {spoilt.loc[0, "project_name"]}
    assert told["p_landed"][0] == served.predict(request_frame.head(1), ASKED)["p_landed"][0]


def test_a_row_of_blanks_is_answered_too(served, request_frame):
    rows = pd.concat([request_frame.head(1), request_frame.iloc[[1]].map(lambda _: None)], ignore_index=True)
    told = served.predict(rows, {**ASKED, "lang": "en"})
    assert told["status"][1] == "rejected"
    assert "blank row" in told["problems"][1]


def test_the_day_is_today_where_none_is_said(served, scorer):
    ahead = str(np.datetime64("today") + 30)
    row = example(scorer.model.catalog).assign(review_date=ahead)
    assert served.predict(row)["status"].tolist() == ["rejected"]
    assert served.predict(row, {"as_of": ahead})["status"].tolist() == ["scored"]


# Requests that are none


def broken(frame, what):
    if what == "a required column is missing":
        return frame.drop(columns="total_investment")
    if what == "no rows":
        return frame.head(0)
    if what == "a column twice":
        return pd.concat([frame, frame[["total_investment"]]], axis=1)
    if what == "words where a number belongs":
        return frame.assign(total_investment="三亿")
    if what == "a number where words belong":
        return frame.assign(investor_name=[5] * len(frame))
    if what == "a list in a cell":
        return frame.assign(investor_name=[["a"]] * len(frame))
    raise AssertionError(what)


@pytest.mark.parametrize(
    "what",
    [
        "a required column is missing",
        "no rows",
        "a column twice",
        "words where a number belongs",
        "a number where words belong",
        "a list in a cell",
    ],
)
def test_a_request_that_cannot_be_scored_is_a_bad_one(served, request_frame, what):
    with pytest.raises(Exception, match="cannot be scored") as caught:
        served.predict(broken(request_frame.head(3), what), ASKED)
    assert caught.value.get_http_status_code() == 400
    assert ("total_investment" in str(caught.value)) or ("investor_name" in str(caught.value)) or what == "no rows"


@pytest.mark.parametrize("params", [{"as_of": "1.2.2025"}, {"as_of": "soon"}, {"lang": "fr"}])
def test_a_strange_parameter_is_a_bad_request(served, request_frame, params):
    with pytest.raises(Exception, match=next(iter(params.values()))) as caught:
        served.predict(request_frame, params)
    assert caught.value.get_http_status_code() == 400


# Two people


@pytest.fixture
def people(store, person):
    return person("an", "analyst"), person("bo", "chair")


def promote(version, digest, people):
    from scoring.review.approvals import approve, propose

    propose(version, digest, people[0], "better")
    approve(version, people[1], "agreed")


def logged(model):
    return log(model, parameters={}, metrics={}, artifacts={}, tags={}, loader_module="scoring.serving")


def test_the_loader_of_mlflow_refuses_what_nobody_approved(registry_home, people, model, request_frame, served):
    import mlflow

    told = logged(model)
    (place,) = registry_home.glob("mlartifacts/models/*/artifacts")
    with pytest.raises(Refused, match="proposed and approved by two people"):
        mlflow.pyfunc.load_model(str(place))
    promote(told.version, told.bundle_hash, people)
    loaded = mlflow.pyfunc.load_model(str(place))
    answers = loaded.predict(request_frame, params=ASKED)
    pd.testing.assert_frame_equal(answers, served.predict(request_frame, ASKED))


def test_the_loader_refuses_where_there_is_no_store(no_store, model):
    with pytest.raises(Refused, match="luodi store init"):
        _load_pyfunc(str(model))


def test_a_model_is_loaded_inside_an_event_loop_as_the_server_does(stores, person, model):
    promote(1, digest_of(model), (person("an", "analyst"), person("bo", "chair")))

    async def inside():
        return _load_pyfunc(str(model))

    assert asyncio.run(inside()).scorer.digest == digest_of(model)
