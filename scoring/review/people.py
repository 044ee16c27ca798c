"""People of a review: their accounts, their roles, and what a role allows."""

from collections.abc import Sequence

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from features.errors import Problem, Refused
from features.spelling import folded, on_one_line
from features.words import Words
from scoring.review.audit import note
from scoring.review.models import Token, User
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
    with settled(alone=True):
        first = is_first()
        if by is None and not first:
            raise Refused(
                Words(
                    zh="已有账户：新账户须由管理员开立。请用 --user 以管理员身份登录。",
                    en="there are accounts: a new one is opened by an administrator. Sign in as one with --user.",
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


def is_first() -> bool:
    """Tell whether there is no account yet: the first one needs nobody's leave."""
    return not User.objects.exists()


def must_open(by: User) -> None:
    """Refuse who may not open accounts, before a password is asked for."""
    must(by, ADMINISTRATOR)


def everybody() -> Sequence[User]:
    """Return every account, by name."""
    return sorted(User.objects.prefetch_related("groups"), key=lambda user: user.name)


def disable_user(name: str, by: User) -> User:
    """Close an account and void its tokens; what it did stays.

    Raises
    ------
    Refused
        Who asks is no administrator, there is no such account, or it is the last administrator's.
    """
    must(by, ADMINISTRATOR)
    with settled(alone=True):
        user: User | None = named(name)
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


def named(name: str) -> User | None:
    """Return the account of that name, however it is spelled."""
    return next((user for user in User.objects.all() if folded(user.name) == folded(name)), None)


def _wrong_name(name: str) -> list[Problem]:
    if not name or len(name) > 150:
        rule = Words("须有 1 到 150 个字；请改短或补上", "must have 1 to 150 characters; shorten it, or give one")
        return [Problem("name", rule)]
    taken = named(name)
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
