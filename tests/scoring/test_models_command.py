import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from models.bundle import save
from models.cold import cold_model
from models.fetching import fetch
from models.registry import log, point, versions

DAY = "2025-01-30"


@pytest.fixture(scope="session")
def bundles(model, tmp_path_factory):
    """The demonstration's model, and an expert card of another day."""
    from features.catalogs.reader import read_catalog

    other = tmp_path_factory.mktemp("other") / "model"
    save(cold_model(read_catalog("zhaoshang"), as_of=np.datetime64("2024-06-30")), other)
    return (model, other)


def logged(folder, **told):
    made = {"parameters": {"rounds": 40}, "metrics": {"auc": 0.71}, "artifacts": {}, "tags": {"data": "c0ffee"}}
    return log(Path(folder), **{**made, **told}, loader_module="scoring.serving")


@pytest.fixture
def two(registry_home, store, bundles):
    """A store, and two versions in the registry."""
    return tuple(logged(folder) for folder in bundles)


@pytest.fixture
def token(person, tmp_path):
    """A file with the token of a person of one role, the person made at first need."""

    def made(name, role):
        path = tmp_path / f"{name}.token"
        if not path.exists():
            from scoring.review.entrance import issue_token

            path.write_text(issue_token(person(name, role)))
        return path

    return made


@pytest.fixture
def models(luodi, token):
    """``luodi models`` as an analyst, a chair, or an auditor, in English."""

    def call(who, *arguments):
        name, role = {"an": ("an", "analyst"), "bo": ("bo", "chair"), "au": ("au", "auditor")}[who]
        return luodi("models", *arguments, "--token-file", token(name, role), "--lang", "en")

    return call


def promoted(models, version):
    assert models("an", "propose", version, "--reason", "better").code == 0
    said = models("bo", "approve", version, "--reason", "agreed")
    assert said.code == 0, said.err
    return said


def aliases():
    return {alias: one.version for one in versions() for alias in one.aliases}


# Two people


def test_one_proposes_another_approves_and_the_aliases_follow(models, two):
    said = models("an", "propose", 1, "--reason", "better")
    assert said.code == 0
    assert "luodi models approve 1" in said.out
    assert aliases() == {"challenger": 2}
    said = models("bo", "approve", 1, "--reason", "agreed")
    assert (said.code, "version 1 is the champion now" in said.out) == (0, True)
    assert aliases() == {"champion": 1, "challenger": 2}
    promoted(models, 2)
    assert aliases() == {"champion": 2, "previous": 1}


def test_both_kinds_of_store_rule(models, registry_home, stores, bundles):
    logged(bundles[0])
    promoted(models, 1)
    assert aliases() == {"champion": 1}
    assert "approved by bo: agreed" in models("au", "list").out


def test_rollback_is_one_command(models, two):
    promoted(models, 1)
    promoted(models, 2)
    said = models("bo", "rollback", "--reason", "too far off")
    assert (said.code, "version 1 is the champion again" in said.out) == (0, True)
    assert aliases() == {"champion": 1}
    assert models("bo", "rollback", "--reason", "again").code == 2


@pytest.mark.parametrize(
    ("who", "arguments", "said"),
    [
        ("bo", ["propose", 1, "--reason", "mine"], "chair"),
        ("an", ["approve", 1, "--reason", "mine"], "chair"),
        ("an", ["rollback", "--reason", "mine"], "chair"),
        ("an", ["propose", 9, "--reason", "better"], "models:/luodi/9"),
        ("an", ["propose", 1, "--reason", "  "], "--reason"),
        ("an", ["propose", 1], "--reason"),
        ("an", ["show", 9], "models:/luodi/9"),
        ("bo", ["approve", 2, "--reason", "agreed"], "propose 2"),
    ],
)
def test_what_may_not_be_is_refused_and_changes_nothing(models, two, who, arguments, said):
    answer = models(who, *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert aliases() == {"challenger": 2}


def test_nobody_approves_what_they_proposed(luodi, person, token, two, tmp_path):
    from scoring.review.entrance import issue_token

    both = tmp_path / "both.token"
    both.write_text(issue_token(person("both", "administrator")))
    assert luodi("models", "propose", 1, "--reason", "mine", "--token-file", both).code == 0
    said = luodi("models", "approve", 1, "--reason", "mine too", "--token-file", both)
    assert said.code == 2
    assert "另一人" in said.err
    assert aliases() == {"challenger": 2}


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["show", 1],
        ["propose", 1, "--reason", "r"],
        ["approve", 1, "--reason", "r"],
        ["rollback", "--reason", "r"],
    ],
)
def test_each_asks_who_is_there(luodi, two, arguments):
    said = luodi("models", *arguments, "--lang", "en")
    assert said.code == 2
    assert "sign-in" in said.err


def test_a_version_that_is_no_longer_what_was_proposed_is_not_approved(models, two, registry_home):
    assert models("an", "propose", 1, "--reason", "better").code == 0
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{registry_home / 'mlflow.db'}")
    client.set_model_version_tag("luodi", "1", "bundle_hash", two[1].bundle_hash)
    said = models("bo", "approve", 1, "--reason", "agreed")
    assert said.code == 2
    assert "must have the registered hash" in said.err
    fetch("models:/luodi/2")  # now the other bundle is at hand under its hash
    said = models("bo", "approve", 1, "--reason", "agreed")
    assert said.code == 2
    assert two[0].bundle_hash[:12] in said.err
    assert aliases() == {"challenger": 2}


# The store is the truth


def test_aliases_that_lag_behind_are_put_right(models, two):
    promoted(models, 1)
    promoted(models, 2)
    point({"champion": 1, "previous": None, "challenger": 2})  # as a kill would leave it
    said = models("au", "list")
    assert said.code == 0
    assert "challenger, champion, previous" in said.err
    assert aliases() == {"champion": 2, "previous": 1}
    assert models("au", "list").err == ""


def test_an_approval_stands_where_the_registry_cannot_follow(models, two, registry_home):
    assert models("an", "propose", 1, "--reason", "better").code == 0
    refusing = "CREATE TRIGGER refusing BEFORE INSERT ON registered_model_aliases BEGIN SELECT RAISE(ABORT, 'no'); END"
    with closing(sqlite3.connect(registry_home / "mlflow.db")) as registry:
        registry.execute(refusing)
    said = models("bo", "approve", 1, "--reason", "agreed")
    assert (said.code, "version 1 is the champion now" in said.out) == (0, True)
    assert len(said.err.splitlines()) == 1
    assert "must answer" in said.err
    assert aliases() == {"challenger": 2}
    with closing(sqlite3.connect(registry_home / "mlflow.db")) as registry:
        registry.execute("DROP TRIGGER refusing")
    assert models("au", "list").code == 0
    assert aliases() == {"champion": 1, "challenger": 2}


# What they tell


def test_the_list_tells_roles_and_who_did_what(models, two):
    promoted(models, 1)
    said = models("au", "list")
    assert said.code == 0
    for word in ("champion", "challenger", "approved by bo: agreed", two[0].bundle_hash[:12]):
        assert word in said.out
    assert said.out.index(two[1].bundle_hash[:12]) < said.out.index(two[0].bundle_hash[:12])


def test_an_empty_registry_says_how_to_begin(models, registry_home, store):
    said = models("au", "list")
    assert (said.code, "luodi retrain" in said.out) == (0, True)


def test_one_version_is_told_whole(models, two):
    promoted(models, 1)
    said = models("au", "show", 1)
    assert said.code == 0
    for word in (two[0].bundle_hash, "rounds = 40", "auc = 0.71", "data = c0ffee", "proposed by an: better"):
        assert word in said.out


def test_without_a_store_it_says_how_to_make_one(luodi, no_store):
    for arguments in (["list"], ["serve"], ["propose", 1, "--reason", "r"]):
        said = luodi("models", *arguments)
        assert said.code == 2
        assert "luodi store init" in said.err


def test_nothing_is_served_before_there_is_a_champion(luodi, two):
    said = luodi("models", "serve", "--lang", "en")
    assert said.code == 2
    assert "there must be an approved model first" in said.err


# Scoring with a registered model


@pytest.fixture
def score(luodi, sheet, tmp_path):
    def call(model, out="scored.csv"):
        file = sheet.saved(tmp_path / "projects.csv")
        said = luodi("score", file, "--model", model, "--out", tmp_path / out, "--as-of", DAY, "--lang", "en")
        return said, tmp_path / out

    return call


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_champion_scores_as_its_folder_does(models, two, score, bundles):
    promoted(models, 1)
    by_name, there = score("models:/luodi@champion")
    by_folder, here = score(bundles[0], "folder.csv")
    assert by_name.code == by_folder.code == 0, by_name.err
    assert digest(there) == digest(here)
    assert score("models:/luodi/1", "version.csv")[0].code == 0
    assert digest(here.with_name("version.csv")) == digest(here)
    assert score("models:/luodi@challenger", "other.csv")[0].code == 0
    assert digest(here.with_name("other.csv")) != digest(here)


def test_every_command_that_takes_a_model_takes_a_registered_one(models, two, luodi, sheet, demonstration, tmp_path):
    promoted(models, 1)
    file, uri = sheet.saved(tmp_path / "projects.csv"), "models:/luodi@champion"
    name = sheet.rows[0][sheet.at("项目名称")]
    calls = (
        ["rank", file, "--seats", 3, "--as-of", DAY],
        ["explain", file, "--id", name, "--as-of", DAY],
        ["forecast", demonstration.folder / "history.csv", "--as-of", DAY],
    )
    for call in calls:
        said = luodi(*call, "--model", uri)
        assert said.code in (0, 1), said.err
        assert said.out


def test_a_champion_that_nobody_approved_is_refused(models, two, score):
    said, _ = score("models:/luodi@champion")
    assert said.code == 2
    assert "there must be an approved model first" in said.err
    promoted(models, 1)
    point({"champion": 2})
    said, out = score("models:/luodi@champion")
    assert said.code == 2
    assert "proposed and approved by two people" in said.err
    assert not out.exists()


def test_an_alias_that_lags_behind_does_not_rule(models, two, score, bundles):
    promoted(models, 1)
    promoted(models, 2)
    point({"champion": 1})
    assert score("models:/luodi@champion")[0].code == 0
    assert score(bundles[1], "folder.csv")[0].code == 0
    where = score("models:/luodi@champion")[1]
    assert digest(where) == digest(where.with_name("folder.csv"))


@pytest.mark.parametrize("uri", ["models:/luodi@nobody", "models:/luodi/99", "models:/luodi", "models:/strange/1"])
def test_a_registered_model_that_is_not_there_is_told_in_words(two, score, uri):
    said, _ = score(uri)
    assert said.code == 2
    assert uri in said.err
    assert "must be" in said.err
