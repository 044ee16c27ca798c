"""The way in: a name and its password, or a token; after too many wrong passwords a name has to wait."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from features.errors import Refused
from features.spelling import folded
from features.words import Words
from scoring.review.audit import note
from scoring.review.models import SignIn, Token, User
from scoring.review.people import named
from scoring.store import settled

PATIENCE = 5  # wrong passwords of one name before it has to wait
WAIT = timedelta(minutes=15)
_STAMP = "luodi_"  # of a token, so that a leaked one is found


def sign_in(name: str, password: str) -> User:
    """Return the account of that name and password.

    Raises
    ------
    Refused
        They fit no open account, or there were too many wrong passwords of late.
    """
    who = hashlib.sha256(folded(name).encode()).hexdigest()
    with settled(alone=True):
        since = timezone.now() - WAIT
        if SignIn.objects.filter(who=who, came_in=False, at__gt=since).count() >= PATIENCE:
            raise Refused(
                Words(
                    zh=f"登录失败已达 {PATIENCE} 次。请过 {WAIT.seconds // 60} 分钟再试。",
                    en=f"{PATIENCE} wrong passwords. Try again in {WAIT.seconds // 60} minutes.",
                )
            )
        user = named(name)
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


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
