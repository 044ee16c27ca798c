"""luodi user: accounts, their roles, and tokens for scripts."""

from typing import Annotated

import typer

from scoring.commands.options import Session
from scoring.commands.signing import PasswordStdin, SignedBy, TokenFile
from scoring.commands.speech import both

HELP = both("账户：谁可以做什么。", "Accounts: who may do what.")
EXAMPLE = both("例：luodi user add 王芳 --role administrator", "Example: luodi user add wang --role administrator")
ADD = both(
    "开立账户；第一个须是管理员，其后由管理员开立。",
    "Open an account; the first must be an administrator, who opens the others.",
)
ADD_EXAMPLE = both(
    "例：luodi user add 李强 --role chair --user 王芳", "Example: luodi user add li --role chair --user wang"
)
LIST = both("列出账户。", "List the accounts.")
LIST_EXAMPLE = both("例：luodi user list", "Example: luodi user list")
TOKEN = both(
    "取得自己的新令牌（只显示这一次；旧的作废）。", "Get a new token of your own (shown once; the old one is void)."
)
TOKEN_EXAMPLE = both("例：luodi user token 李强 > token.txt", "Example: luodi user token li > token.txt")
DISABLE = both("停用账户和它的令牌；所做的事仍留存。", "Close an account and its token; what it did stays.")
DISABLE_EXAMPLE = both("例：luodi user disable 李强 --user 王芳", "Example: luodi user disable li --user wang")

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help=both("用户名。", "Name."))]
Roles = Annotated[
    list[str],
    typer.Option(
        "--role",
        metavar="ROLE",
        show_default=False,
        help=both(
            "角色，可多次写：secretary 秘书、member 委员、chair 主任、analyst 分析员、auditor 审计、"
            "administrator 管理员。",
            "Role, may be given again: secretary, member, chair, analyst, auditor, administrator.",
        ),
    ),
]

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("add", help=ADD, epilog=ADD_EXAMPLE)
def add(
    context: typer.Context,
    name: Name,
    role: Roles,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
) -> int:
    """Open an account; on standard input the administrator's password comes first."""
    # Imported here: help must not wait for Django.
    from features.words import Words
    from scoring.commands.signing import new_password, signed_in
    from scoring.store import require
    from scoring.terminal import Terminal

    session: Session = context.obj
    language = session.language
    require()
    from scoring.review.people import add_user, is_first, must_open

    by = None
    if not is_first():
        by = signed_in(user, token_file, password_stdin=password_stdin, language=language)
        must_open(by)  # before a password is typed twice
    password = new_password(name, password_stdin=password_stdin, language=language)
    made = add_user(name, role, password, by)
    Terminal.opened(language).show(Words(f"已开立账户 {made.name}。", f"account {made.name} is open."))
    return 0


@app.command("list", help=LIST, epilog=LIST_EXAMPLE)
def list_(context: typer.Context) -> int:
    """List every account with its roles."""
    from features.words import Words
    from scoring.store import require
    from scoring.terminal import Terminal

    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    require()
    from scoring.review.people import ROLES, everybody

    for user in everybody():
        state = Words("", "") if user.is_active else Words("（已停用）", " (closed)")
        zh, en = "、".join(ROLES[role].zh for role in user.roles), ", ".join(user.roles)
        terminal.show(Words(f"{user.name}：{zh}{state.zh}", f"{user.name}: {en}{state.en}"))
    return 0


@app.command("token", help=TOKEN, epilog=TOKEN_EXAMPLE)
def token(context: typer.Context, name: Name, password_stdin: PasswordStdin = False) -> int:
    """Print a new token after its owner has signed in."""
    from scoring.commands.signing import signed_in
    from scoring.store import require
    from scoring.terminal import Terminal

    session: Session = context.obj
    require()
    from scoring.review.entrance import issue_token

    user = signed_in(name, None, password_stdin=password_stdin, language=session.language)
    Terminal.opened(session.language).show(issue_token(user))
    return 0


@app.command("disable", help=DISABLE, epilog=DISABLE_EXAMPLE)
def disable(
    context: typer.Context,
    name: Name,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
) -> int:
    """Close an account."""
    from features.words import Words
    from scoring.commands.signing import signed_in
    from scoring.store import require
    from scoring.terminal import Terminal

    session: Session = context.obj
    require()
    from scoring.review.people import disable_user

    by = signed_in(user, token_file, password_stdin=password_stdin, language=session.language)
    closed = disable_user(name, by)
    Terminal.opened(session.language).show(Words(f"已停用账户 {closed.name}。", f"account {closed.name} is closed."))
    return 0
