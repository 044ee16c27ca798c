"""People of a review: accounts and roles, how they sign in, and what a role allows."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from features.errors import Problem, Refused
from features.spelling import folded, on_one_line
from features.words import Words
from scoring.review.audit import note
from scoring.review.models import SignIn, Token, User
from scoring.store import settled

ADMINISTRATOR = "administrator"
ROLES = {
    "secretary": Words("秘书", "secretary"),
    "member": Words("委员", "member"),
    "chair": Words("主任", "chair"),
    "analyst": Words("分析员", "analyst"),
    "auditor": Words("审计", "auditor"),
    ADMINISTRATOR: Words("管理员", "administrator"),
}
WEAK = {
    "password_too_short": Words("太短，至少 8 个字符；请加长", "must have at least 8 characters; make it longer"),
    "password_too_common": Words("太常见；请换一个", "is one of the common ones; choose another"),
    "password_entirely_numeric": Words("不得全是数字；请加入文字", "must not be digits alone; add letters"),
    "password_too_similar": Words("与用户名太像；请换一个", "is too much like the name; choose another"),
}  # by the code of Django's validators
PATIENCE = 5  # wrong passwords of one name before it has to wait
WAIT = timedelta(minutes=15)
_STAMP = "luodi_"  # of a token, so that a leaked one is found


def add_user(name: str, roles: Sequence[str], password: str, by: User | None) -> User:
    """Open an account.

    Parameters
    ----------
    name : as the person signs in; spellings that fold alike are one name
    roles : of `ROLES`, at least one
    by : an administrator; None only for the first account, which must be one

    Raises
    ------
    Refused
        Who asks may not, the name is taken, a role is unknown, or the password too weak; all that is wrong at once.
    """
    with settled():
        first = not User.objects.exists()
        if by is None and not first:
            raise Refused(
                Words(
                    zh="已有账户：新账户须由管理员开立。请用 --user 以管理员身份登录。",
                    en="there are accounts: a new one is opened by an administrator. Sign in as one with --by.",
                )
            )
        if by is not None:
            must(by, ADMINISTRATOR)
        user: User = User(name=User.normalize_username(on_one_line(name)))
        problems = [*_wrong_name(user.name), *_wrong_roles(roles, first=first), *_weak(password, user)]
        if problems:
            raise Refused(Words(f"账户 {user.name!r} 未开立：", f"account {user.name!r} not opened:"), problems)
        user.set_password(password)
        user.save()
        user.groups.set(Group.objects.filter(name__in=roles))
        note(by, "user.add", user.name, roles=sorted(set(roles)))
    return user


def sign_in(name: str, password: str) -> User:
    """Return the account of that name and password.

    Raises
    ------
    Refused
        They fit no open account, or there were too many wrong passwords of late.
    """
    who = hashlib.sha256(folded(name).encode()).hexdigest()
    with settled():
        since = timezone.now() - WAIT
        if SignIn.objects.filter(who=who, came_in=False, at__gt=since).count() >= PATIENCE:
            raise Refused(
                Words(
                    zh=f"登录失败已达 {PATIENCE} 次。请过 {WAIT.seconds // 60} 分钟再试。",
                    en=f"{PATIENCE} wrong passwords. Try again in {WAIT.seconds // 60} minutes.",
                )
            )
        user = _named(name)
        if user is None:
            make_password(password)  # as slow as a real name: how long it takes tells nobody which names there are
        came_in = user is not None and user.check_password(password) and user.is_active
        SignIn.objects.create(who=who, came_in=came_in)
    if user is None or not came_in:
        raise Refused(
            Words(
                zh="用户名或密码不对，或账户已停用。请核对后再试。",
                en="name or password is wrong, or the account is closed. Look at both and try again.",
            )
        )
    return user


def issue_token(user: User) -> str:
    """Return a new token of an account, shown this once; the one before is void."""
    token = _STAMP + secrets.token_urlsafe(32)
    with settled():
        Token.objects.filter(user=user).delete()
        Token.objects.create(user=user, digest=_hashed(token))
        note(user, "user.token", user.name)
    return token


def by_token(token: str) -> User:
    """Return the account that a token stands for.

    Raises
    ------
    Refused
        It is unknown or void, or the account is closed.
    """
    with settled():
        found = Token.objects.select_related("user").filter(digest=_hashed(token.strip()), user__is_active=True).first()
    if found is None:
        raise Refused(
            Words(
                zh="令牌无效，或账户已停用。请用 luodi user token 重新取得。",
                en="the token is void, or its account is closed. Get a new one with `luodi user token`.",
            )
        )
    user: User = found.user
    return user


def disable_user(name: str, by: User) -> User:
    """Close an account and void its tokens; what it did stays.

    Raises
    ------
    Refused
        Who asks is no administrator, there is no such account, or it is the last administrator's.
    """
    must(by, ADMINISTRATOR)
    with settled():
        user: User | None = _named(name)
        if user is None:
            raise Refused(
                Words(f"没有账户 {name!r}。见 luodi user list", f"no account {name!r}. See `luodi user list`")
            )
        others = User.objects.filter(groups__name=ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
        if ADMINISTRATOR in user.roles and not others.exists():
            raise Refused(
                Words(
                    zh=f"{user.name} 是最后一位管理员，不能停用。请先开立另一位管理员。",
                    en=f"{user.name} is the last administrator. Add another one first.",
                )
            )
        user.is_active = False
        user.save(update_fields=["is_active"])
        Token.objects.filter(user=user).delete()
        note(by, "user.disable", user.name)
    return user


def must(user: User, *roles: str) -> None:
    """Refuse a person who has none of the roles.

    Raises
    ------
    Refused
        Naming the roles that may, and those the person has; or the account is closed.
    """
    if user.is_active and set(roles) & set(user.roles):
        return
    zh = ["、".join(ROLES[role].zh for role in some) or "无" for some in (roles, user.roles)]
    en = [" or ".join(roles), ", ".join(user.roles) or "none"]
    closed = ("", "") if user.is_active else ("（账户已停用）", " (the account is closed)")
    raise Refused(
        Words(
            zh=f"这一步须由{zh[0]}来做；{user.name} 的角色是{zh[1]}{closed[0]}。请换人登录。",
            en=f"this takes the role {en[0]}; {user.name} has {en[1]}{closed[1]}. Sign in as somebody who has it.",
        )
    )


def _named(name: str) -> User | None:
    return next((user for user in User.objects.all() if folded(user.name) == folded(name)), None)


def _wrong_name(name: str) -> list[Problem]:
    if not name or len(name) > 150:
        rule = Words("须有 1 到 150 个字；请改短或补上", "must have 1 to 150 characters; shorten it, or give one")
        return [Problem("name", rule)]
    taken = _named(name)
    if taken is None:
        return []
    return [Problem("name", Words(f"已有账户 {taken.name!r}；请换一个", f"is taken by {taken.name!r}; choose another"))]


def _wrong_roles(roles: Sequence[str], *, first: bool) -> list[Problem]:
    known = ", ".join(ROLES)
    if not roles or not set(roles) <= set(ROLES):
        got = ", ".join(roles) or "–"
        return [Problem("role", Words(f"须是 {known} 之一；实际是 {got}", f"must be of {known}; got {got}"))]
    if first and ADMINISTRATOR not in roles:
        rule = Words(
            "第一个账户须是 administrator，由它开立其他账户",
            "the first account must be an administrator: it opens others",
        )
        return [Problem("role", rule)]
    return []


def _weak(password: str, user: User) -> list[Problem]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Problem("password", WEAK.get(one.code, Words("太弱", "is too weak"))) for one in error.error_list]
    return []


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
