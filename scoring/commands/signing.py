"""Signing in on the command line: a token for scripts, a name and its password for people."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import Refused
from features.words import Language, Words
from scoring.commands.speech import both

if TYPE_CHECKING:
    from scoring.review.models import User

TOKEN = "LUODI_TOKEN"
PASSWORD = Words("密码", "Password")
AGAIN = Words("再输入一次", "Once more")

SignedBy = Annotated[
    str | None,
    typer.Option(
        "--user",
        metavar="NAME",
        show_default=False,
        help=both("以谁的身份登录；随后询问密码。", "Who signs in; the password is asked for."),
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        show_default=False,
        help=both(f"令牌文件（或设 {TOKEN}），供脚本使用。", f"A file with a token (or {TOKEN}), for scripts."),
    ),
]
PasswordStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin",
        metavar="",
        help=both("从标准输入读取密码，每行一个。", "Read passwords from standard input, one a line."),
    ),
]


def signed_in(
    user: str | None,
    token_file: Path | None,
    *,
    password_stdin: bool = False,
    language: Language = Language.ZH,
) -> "User":
    """Return who asks: by the token file, else by ``--user``, else by the token of the environment.

    Raises
    ------
    Refused
        Nobody is named, or the token or the password is wrong.
    """
    from scoring.review.entrance import by_token, sign_in

    if token_file is not None:
        return by_token(_token(token_file))
    if user is not None:
        return sign_in(user, asked_password(f"{PASSWORD.said(language)} ({user})", password_stdin=password_stdin))
    token = os.environ.get(TOKEN)
    if token:
        return by_token(token)
    raise Refused(
        Words(
            zh=f"这一步须登录：用 --user 姓名，或 --token-file 文件（或设 {TOKEN}）。",
            en=f"this takes a sign-in: --user NAME, or --token-file FILE (or {TOKEN}).",
        )
    )


def asked_password(prompt: str, *, password_stdin: bool) -> str:
    """Return a password typed unseen, or the next line of standard input.

    Raises
    ------
    Refused
        There is no terminal to ask at, or no line left.
    """
    if password_stdin:
        line = sys.stdin.readline()
        if not line:
            raise Refused(
                Words("标准输入中须有密码，每行一个；实际没有。", "standard input must hold a password; got none.")
            )
        return line.rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Refused(
            Words(
                zh="没有终端可以询问密码。请用 --password-stdin 或令牌。",
                en="there is no terminal to ask for the password. Use --password-stdin, or a token.",
            )
        )
    return str(typer.prompt(prompt, hide_input=True, err=True))


def new_password(user: str, *, password_stdin: bool, language: Language) -> str:
    """Return a password for a new account; at a terminal it is typed twice.

    Raises
    ------
    Refused
        The two differ.
    """
    first = asked_password(f"{PASSWORD.said(language)} ({user})", password_stdin=password_stdin)
    if not password_stdin and asked_password(AGAIN.said(language), password_stdin=False) != first:
        raise Refused(Words("两次输入的密码不同。请重来。", "the two passwords differ. Start again."))
    return first


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Refused(
            Words(
                zh=f"--token-file {path} 须是可读的文本文件；实际读不了。请核对路径。",
                en=f"--token-file {path} must be a text file that can be read; it cannot. Look at the path.",
            )
        ) from None
