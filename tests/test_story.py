import csv
import io
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.catalogs.reader import read_catalog
from features.synthetic import Design, as_office_sheet, generate
from models.bundle import load
from scoring.cli import run

LUODI = Path(sys.executable).with_name("luodi")
DESIGN = Design(n_projects=240, first_year=2019, years=6)
REVIEW = str(DESIGN.day + np.timedelta64(30, "D"))
LATER = str(DESIGN.day + np.timedelta64(365, "D"))
KEPT = {"outcomes.add", "round.keep", "models.train", "models.propose", "models.approve"}
CHAMPION = "models:/luodi@champion"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office: its folder, its way to run the command, its ledger and its round, not yet on the form."""
    folder = tmp_path_factory.mktemp("office")
    catalog = read_catalog("zhaoshang")
    register = generate(DESIGN, seed=4)
    ledger = as_office_sheet(register.history, catalog, seed=4)
    round_ = as_office_sheet(register.new_round(25, seed=2).rows, catalog, seed=5)

    def luodi(*arguments):
        return subprocess.run([LUODI, *map(str, arguments)], cwd=folder, capture_output=True, check=False)

    return folder, luodi, ledger, round_


def filled_in(form, sheet):
    """The sheet copied into the columns of the form; what the office does not keep stays blank."""
    headers = next(csv.reader(io.StringIO(form.decode("utf-8-sig"))))
    missing = [name for name in sheet.columns if name not in headers]
    assert not missing, missing
    return sheet.reindex(columns=headers)


def quick_recipe(folder, **sizes):
    text = resources.files("models").joinpath("recipes", "default.toml").read_text(encoding="utf-8")
    for key, size in {"rounds": 20, **sizes}.items():
        text, found = re.subn(rf"^{key} = \d+", f"{key} = {size}", text, flags=re.MULTILINE)
        assert found == 1
    file = folder / "quick.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_office_goes_from_an_empty_form_to_an_explained_ranking(office):
    folder, luodi, ledger, round_ = office

    form = luodi("template", "--history")
    filled_in(form.stdout, ledger).to_csv(folder / "ledger.csv", index=False, encoding="gb18030")
    checked = luodi("check", "ledger.csv", "--history")
    assert (checked.returncode, checked.stderr.count(b"Traceback")) == (0, 0), checked.stdout.decode()

    recipe = quick_recipe(folder)
    trained = luodi("train", "ledger.csv", "--out", "model", "--recipe", recipe, "--as-of", REVIEW, "--lang", "en")
    assert trained.returncode == 0, trained.stderr.decode()
    digest = re.search(rb"SHA-256 ([0-9a-f]{64})", trained.stdout)[1].decode()

    form = luodi("template")
    filled_in(form.stdout, round_).to_csv(folder / "round.csv", index=False, encoding="utf-8-sig")
    checked = luodi("check", "round.csv")
    assert checked.returncode == 0, checked.stdout.decode()

    scored = luodi("score", "round.csv", "--model", "model", "--as-of", REVIEW, "--lang", "en")
    assert scored.returncode == 0, scored.stderr.decode()
    assert b"rows in: 25 = " in scored.stdout
    table = pd.read_csv(folder / "scored.csv", encoding="utf-8-sig")
    assert set(table["model_hash"]) == {digest}
    ranked = table[table["status"] == "scored"].sort_values("rank")
    assert ranked["p_produced"].is_monotonic_decreasing

    first = ranked["project_name"].iloc[0]
    explained = luodi("explain", "round.csv", "--model", "model", "--id", first, "--as-of", REVIEW)
    assert explained.returncode == 0, explained.stderr.decode()
    assert f"{ranked['p_produced'].iloc[0] * 100:.1f}" in explained.stdout.decode()


def test_the_same_ledger_trains_the_same_model(office):
    folder, luodi, ledger, _ = office
    filled_in(luodi("template", "--history").stdout, ledger).to_csv(folder / "again.csv", index=False)
    recipe = quick_recipe(folder)
    hashes = set()
    for name in ("one", "two"):
        said = luodi("train", "again.csv", "--out", name, "--recipe", recipe, "--as-of", REVIEW)
        hashes.add(re.search(rb"SHA-256 ([0-9a-f]{64})", said.stdout)[1])
    assert len(hashes) == 1


def test_a_ledger_is_evaluated_against_its_rivals(office):
    folder, luodi, ledger, _ = office
    filled_in(luodi("template", "--history").stdout, ledger).to_csv(folder / "past.csv", index=False)
    said = luodi("evaluate", "past.csv", "--from", 2022, "--to", 2022, "--json", "found.json", "--lang", "en",
                 "--snapshot", DESIGN.day, "--reporting-lag", 0)  # fmt: skip
    assert said.returncode == 0, said.stderr.decode()
    found = pd.read_json(folder / "found.json", typ="series")
    models = found["clocks"]["landed"]["models"]
    assert "luodi" in models
    assert len(models) > 1
    assert {"auc", "log_loss", "brier", "ece"} <= set(models["luodi"])
    assert b"AUC" in said.stdout


# The second half of a life


@pytest.fixture
def town(stores, registry_home, tmp_path, person, monkeypatch, capsys):
    """A town with a store: its folder, and its way to run the command as one of its people, in this process."""
    from scoring.review.entrance import issue_token

    names = {"an": "analyst", "bo": "chair", "lin": "secretary"}
    tokens = {name: issue_token(person(name, role)) for name, role in names.items()}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def luodi(who, *arguments):
        with monkeypatch.context() as patch:
            patch.setenv("LUODI_TOKEN", tokens[who])
            code = run([*map(str, arguments), "--lang", "en"])
        said = capsys.readouterr()
        assert (code, "Traceback" in said.err) == (0, False), (arguments, said)
        return said.out

    return tmp_path, luodi


def year_of(truth):
    """What a year brought to the projects of a round, one event a row, as a county would report it."""
    events = pd.concat(
        truth[["project_uid", column]].set_axis(["项目编号", "日期"], axis=1).assign(事件=event)
        for event, column in (("开工", "started_on"), ("投产", "produced_on"), ("退出", "exited_on"))
    )
    return events[events["日期"].notna() & (events["日期"] <= LATER)].sort_values("日期", kind="stable")


def test_a_round_lives_on_until_its_outcomes_choose_the_next_model(town):
    from scoring.review.approvals import champion
    from scoring.review.audit import verify_chain
    from scoring.review.models import Approval, AuditEntry, Reign, Score
    from scoring.review.trainings import last_training

    folder, luodi = town
    catalog, register = read_catalog("zhaoshang"), generate(DESIGN, seed=4)
    entered = register.new_round(25, seed=2)
    for name, rows in (("ledger", register.history), ("round", entered.rows)):
        as_office_sheet(rows, catalog, seed=4).to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig")
    recipe = ("--recipe", quick_recipe(folder, rounds=10, folds=2, members=2))

    luodi("lin", "outcomes", "add", "ledger.csv", "--recorded", DESIGN.day, "--as-of", REVIEW)
    luodi("an", "train", "ledger.csv", "--out", "model", "--as-of", REVIEW, *recipe)
    first = ("score", "round.csv", "--model", "model", "--as-of", REVIEW, "--round", "2025-1")
    assert "kept in the store as: 2025-1" in luodi("lin", *first)
    assert Score.objects.count() == len(entered.rows)
    before = pd.read_csv("scored.csv", encoding="utf-8-sig")

    events = year_of(entered.truth)
    events.to_csv("feed.csv", index=False, encoding="utf-8-sig")
    said = luodi("lin", "outcomes", "add", "feed.csv", "--recorded", LATER, "--as-of", LATER)
    assert f"rows in: {len(events)} = {len(events)} new" in said

    luodi("an", "retrain", "--as-of", LATER, *recipe)
    trained = last_training()
    assert champion() is None, "nothing is promoted by itself"
    luodi("an", "models", "propose", trained.version, "--reason", "a year of outcomes")
    assert champion() is None, "nor by one person"
    luodi("bo", "models", "approve", trained.version, "--reason", "agreed")

    luodi("lin", "score", "round.csv", "--model", CHAMPION, "--as-of", LATER, "--round", "2026-1", "--out", "again.csv")
    after = pd.read_csv("again.csv", encoding="utf-8-sig")
    assert set(after["model_hash"]) == {champion().bundle_hash} == {trained.bundle_hash}
    assert set(before["model_hash"]).isdisjoint(after["model_hash"])
    assert str(trained.as_of) == LATER
    card = load(folder / "var" / "bundles" / trained.bundle_hash).card
    assert card["projects"]["rows"] == len(register.history) + len(entered.rows)

    approval = Approval.objects.get()
    assert (approval.proposer.name, approval.approver.name) == ("an", "bo")
    assert approval.bundle_hash == Reign.objects.get().bundle_hash == trained.bundle_hash
    assert "is sound" in luodi("lin", "store", "verify")
    assert verify_chain() is None
    deeds = AuditEntry.objects.order_by("id").values_list("user__name", "action")
    assert [deed for deed in deeds if deed[1] in KEPT] == [
        ("lin", "outcomes.add"),
        ("lin", "round.keep"),
        ("lin", "outcomes.add"),
        ("an", "models.train"),
        ("an", "models.propose"),
        ("bo", "models.approve"),
        ("lin", "round.keep"),
    ]
