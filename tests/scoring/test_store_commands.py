import io
import subprocess
import sys

import pytest
from django.db import connection

from scoring.review.audit import newest, note
from scoring.review.entrance import issue_token
from scoring.review.models import User


@pytest.fixture
def answers(monkeypatch):
    """Lines that a script writes to the standard input of a command."""

    def given(*lines):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return given


def test_the_way_from_nothing_to_a_token(luodi, no_store, answers, password, monkeypatch):
    assert "luodi store init" in luodi("user", "list").err
    assert luodi("store", "init").code == 0
    answers(password)
    assert (
        luodi("user", "add", "王芳", "--role", "administrator", "--password-stdin").out.strip() == "已开立账户 王芳。"
    )
    answers(password, password)
    added = luodi("user", "add", "li", "--role", "chair", "--role", "member", "--user", "王芳", "--password-stdin")
    assert added.code == 0, added.err
    assert luodi("user", "list").out.splitlines() == ["li：主任、委员", "王芳：管理员"]
    answers(password)
    token = luodi("user", "token", "王芳", "--password-stdin").out.strip()
    monkeypatch.setenv("LUODI_TOKEN", token)
    assert luodi("user", "disable", "li").code == 0
    assert luodi("--lang", "en", "user", "list").out.splitlines()[0] == "li: chair, member (closed)"


def test_who_may_not_is_asked_for_no_password_of_the_new_account(luodi, store, answers, person, password):
    person("li", "chair")
    answers(password)
    refused = luodi("user", "add", "wu", "--role", "member", "--user", "li", "--password-stdin", "--lang", "en")
    assert (refused.code, "takes the role administrator" in refused.err) == (2, True)
    assert User.objects.count() == 1


def test_a_token_file_signs_in(luodi, store, person, answers, password, tmp_path):
    person("wu", "member")
    file = tmp_path / "token.txt"
    file.write_text(issue_token(person("admin", "administrator")) + "\n")
    assert luodi("user", "disable", "wu", "--token-file", file).code == 0
    missing = luodi("user", "disable", "wu", "--token-file", tmp_path / "none", "--lang", "en")
    assert (missing.code, "must be a text file" in missing.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--user NAME, or --token-file FILE"),
        (("--user", "admin"), "there is no terminal"),
        (("--user", "admin", "--password-stdin"), "got none"),
    ],
)
def test_without_a_way_to_sign_in_the_ways_are_told(luodi, store, person, answers, options, said):
    person("admin", "administrator")
    answers()
    refused = luodi("user", "disable", "admin", *options, "--lang", "en")
    assert (refused.code, said in refused.err) == (2, True)


def test_a_sound_store_says_so_and_a_ruined_one_says_where(luodi, stores, person):
    note(person("li", "chair"), "test", "a deed")
    sound = luodi("store", "verify", "--lang", "en")
    assert sound.code == 0
    assert newest()[1] in sound.out
    gone = "DROP TRIGGER review_score_no_update" + (" ON review_score" if connection.vendor == "postgresql" else "")
    with connection.cursor() as cursor:
        cursor.execute(gone)
    ruined = luodi("store", "verify", "--lang", "en")
    assert ruined.code == 1
    assert "review_score: must be under its triggers; review_score_no_update is gone" in ruined.out


def test_commands_that_need_no_store_load_no_django(tmp_path):
    looking = "import sys; from scoring.cli import run; run(['--help']); sys.exit('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", looking], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0


def test_every_import_of_the_app_sets_django_up_by_itself(tmp_path):
    modules = ["approvals", "history", "models.rounds", "apps"]
    for module in modules:
        done = subprocess.run(
            [sys.executable, "-c", f"import scoring.review.{module}"], cwd=tmp_path, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())
