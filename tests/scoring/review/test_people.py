from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from features.errors import Refused
from features.words import Language
from scoring.review.entrance import PATIENCE, WAIT, by_token, issue_token, sign_in
from scoring.review.models import AuditEntry, SignIn, Token, User
from scoring.review.people import ROLES, WEAK, add_user, disable_user, must


def test_the_roles_in_words_are_the_groups_of_the_store(store):
    assert {group.name for group in Group.objects.all()} == set(ROLES)


def test_the_first_account_needs_nobody_and_must_be_an_administrator(stores, password):
    with pytest.raises(Refused, match="must be an administrator"):
        add_user("li", ["chair"], password, None)
    first = add_user("li", ["administrator", "chair"], password, None)
    assert first.roles == ("administrator", "chair")
    with pytest.raises(Refused, match="opened by an administrator"):
        add_user("wu", ["administrator"], password, None)
    assert add_user("wu", ["member"], password, first).roles == ("member",)
    assert [note.action for note in AuditEntry.objects.all()] == ["user.add", "user.add"]


def test_only_an_administrator_opens_accounts(store, person, password):
    with pytest.raises(Refused, match="takes the role administrator; li has chair"):
        add_user("wu", ["member"], password, person("li", "chair"))


@pytest.mark.parametrize("language", Language)
def test_all_that_is_wrong_with_a_new_account_is_told_at_once(store, person, language):
    with pytest.raises(Refused) as refused:
        add_user("ｌＩ", ["boss"], "123", person("li", "administrator"))
    assert [problem.column for problem in refused.value.problems] == ["name", "role", *["password"] * 3]
    assert refused.value.said(language)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("weak", "rule"), [("short7x", "short"), ("12345678901", "numeric"), ("li-ming-hao", "similar")]
)
def test_a_weak_password_is_refused_by_its_rule(store, weak, rule):
    with pytest.raises(Refused) as refused:
        add_user("li-ming-hao", ["administrator"], weak, None)
    expected = next(words for code, words in WEAK.items() if rule in code)
    assert expected in [problem.message for problem in refused.value.problems]


def test_a_name_in_any_spelling_and_its_password_come_in(store, person, password):
    person("王芳 a", "chair")
    assert sign_in("王芳　Ａ", password).name == "王芳 a"


def test_the_password_itself_is_nowhere_in_the_store(store, password):
    add_user("li", ["administrator"], password, None)
    assert password.encode() not in (store / "luodi.sqlite3").read_bytes() + (store / "luodi.sqlite3-wal").read_bytes()


def test_wrong_name_and_wrong_password_are_told_alike(store, person, password):
    person("li", "chair")
    with pytest.raises(Refused) as wrong_name:
        sign_in("wu", password)
    with pytest.raises(Refused) as wrong_password:
        sign_in("li", "no")
    assert str(wrong_name.value) == str(wrong_password.value)


def test_after_too_many_wrong_passwords_even_the_right_one_waits(stores, person, password):
    person("li", "chair")
    person("wu", "chair")
    for _ in range(PATIENCE):
        with pytest.raises(Refused, match="wrong"):
            sign_in("LI", "no")
    with pytest.raises(Refused, match="Try again in 15 minutes"):
        sign_in("li", password)
    assert sign_in("wu", password).name == "wu"
    SignIn.objects.update(at=timezone.now() - WAIT - timedelta(seconds=1))
    assert sign_in("li", password).name == "li"


def test_a_token_stands_for_its_owner_until_there_is_another(store, person):
    li = person("li", "chair")
    token = issue_token(li)
    assert by_token(f" {token}\n") == li
    assert token not in str(list(Token.objects.values()))
    newer = issue_token(li)
    assert by_token(newer) == li
    with pytest.raises(Refused, match="void"):
        by_token(token)


def test_a_closed_account_comes_in_by_no_door(store, person, password):
    admin, li = person("admin", "administrator"), person("li", "chair")
    token = issue_token(li)
    closed = disable_user("LI", admin)
    for door in (lambda: sign_in("li", password), lambda: by_token(token), lambda: must(closed, "chair")):
        with pytest.raises(Refused, match=r"closed|void"):
            door()
    assert User.objects.filter(name="li").exists()


def test_the_last_administrator_stays(store, person):
    admin, other = person("admin", "administrator"), person("other", "administrator")
    disable_user("other", admin)
    with pytest.raises(Refused, match="last administrator"):
        disable_user("admin", admin)
    with pytest.raises(Refused, match="closed"):
        disable_user("admin", other_again(other))
    with pytest.raises(Refused, match="no account 'nobody'"):
        disable_user("nobody", admin)


def other_again(user):
    return User.objects.get(pk=user.pk)


def test_a_role_is_asked_for_in_words(store, person):
    li = person("li", "member", "auditor")
    must(li, "chair", "auditor")
    with pytest.raises(Refused) as refused:
        must(li, "chair", "administrator")
    assert str(refused.value).startswith("this takes the role chair or administrator; li has auditor, member")
    assert "主任、管理员" in refused.value.said(Language.ZH)
