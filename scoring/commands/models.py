"""luodi models: the versions in the registry; one person proposes, another approves, one command takes it back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoring.commands.options import Session
from scoring.commands.signing import PasswordStdin, SignedBy, TokenFile
from scoring.commands.speech import both

if TYPE_CHECKING:
    from scoring.review.models import User
    from scoring.terminal import Terminal

HELP = both("模型登记处：查看、提议、批准、退回、提供服务。", "Registered models: list, propose, approve, serve.")
EXAMPLE = both("例：luodi models list --user 王芳", "Example: luodi models list --user wang")
LIST = both("列出各版本和它们的角色；别名落后时随存储更正。", "List the versions; aliases that lag are put right.")
LIST_EXAMPLE = both("例：luodi models list --user 王芳", "Example: luodi models list --user wang")
SHOW = both("一个版本的全部来历：参数、指标、谁做了什么。", "All about one version: figures, and who did what.")
SHOW_EXAMPLE = both("例：luodi models show 3 --user 王芳", "Example: luodi models show 3 --user wang")
PROPOSE = both("提议启用一个版本，写明理由。", "Propose that a version shall rule, with a reason.")
PROPOSE_EXAMPLE = both(
    "例：luodi models propose 3 --reason 新结果上更准 --user 王芳",
    'Example: luodi models propose 3 --reason "better on the newest outcomes" --user wang',
)
APPROVE = both("批准别人的提议；该版本从此启用。", "Approve what another person proposed: it rules from now on.")
APPROVE_EXAMPLE = both(
    "例：luodi models approve 3 --reason 同意 --user 李强",
    'Example: luodi models approve 3 --reason "agreed" --user li',
)
ROLLBACK = both("退回到上一任模型。", "Return to the champion before this one.")
ROLLBACK_EXAMPLE = both(
    "例：luodi models rollback --reason 新模型误差偏大 --user 李强",
    'Example: luodi models rollback --reason "too far off" --user li',
)
SERVE = both(
    "在本机提供现用模型的评分接口（MLflow，/invocations）；按 Ctrl-C 停止。",
    "Serve the champion on this machine (MLflow, /invocations); Ctrl-C stops it.",
)
SERVE_EXAMPLE = both("例：luodi models serve --port 5001", "Example: luodi models serve --port 5001")

Number = Annotated[
    int, typer.Argument(metavar="V", min=1, show_default=False, help=both("版本号。", "The number of the version."))
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", show_default=False, help=both("理由，必填。", "Why; required."))
]
Port = Annotated[
    int, typer.Option("--port", metavar="N", min=1, max=65535, help=both("端口，只对本机开放。", "Port, of 127.0.0.1."))
]

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("list", help=LIST, epilog=LIST_EXAMPLE)
def list_(
    context: typer.Context,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
) -> int:
    """List every version, after aliases that lag behind the store were put right."""
    terminal, _ = _opened(context, user, token_file, password_stdin)
    # Imported here: Django is set up by now.
    from scoring.succession import standings
    from scoring.succession_listing import NOBODY, table

    _follow(terminal)
    found = standings()
    terminal.show(table(found, terminal.language) if found else NOBODY)
    return 0


@app.command("show", help=SHOW, epilog=SHOW_EXAMPLE)
def show(
    context: typer.Context,
    version: Number,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
) -> int:
    """Print all that is known of one version."""
    terminal, _ = _opened(context, user, token_file, password_stdin)
    from models.registry import run_of
    from scoring.succession import bundle_of, standings
    from scoring.succession_listing import story

    bundle_of(version)  # there is such a version, and it is what it says
    (found,) = (one for one in standings() if one.version.version == version)
    for words in story(found, run_of(found.version)):
        terminal.show(words)
    return 0


@app.command("propose", help=PROPOSE, epilog=PROPOSE_EXAMPLE)
def propose(
    context: typer.Context,
    version: Number,
    reason: Reason,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
) -> int:
    """Put a proposal on record."""
    terminal, by = _opened(context, user, token_file, password_stdin)
    from features.words import Words
    from scoring.review import approvals
    from scoring.succession import bundle_of

    approvals.propose(version, bundle_of(version), by, reason)
    terminal.show(
        Words(
            zh=f"已提议版本 {version}；须由另一人批准：luodi models approve {version}",
            en=f"version {version} is proposed; another person approves it: luodi models approve {version}",
        )
    )
    return 0


@app.command("approve", help=APPROVE, epilog=APPROVE_EXAMPLE)
def approve(
    context: typer.Context,
    version: Number,
    reason: Reason,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
) -> int:
    """Put an approval on record; the aliases follow."""
    terminal, by = _opened(context, user, token_file, password_stdin)
    from features.words import Words
    from scoring.review import approvals
    from scoring.succession import held_to

    held_to(version, approvals.open_proposal(version))
    approvals.approve(version, by, reason)
    # The store is the truth: whatever happens from here on, the next command puts the aliases right.
    terminal.show(Words(f"版本 {version} 现已启用。", f"version {version} is the champion now."))
    _follow(terminal)
    return 0


@app.command("rollback", help=ROLLBACK, epilog=ROLLBACK_EXAMPLE)
def rollback(
    context: typer.Context,
    reason: Reason,
    user: SignedBy = None,
    token_file: TokenFile = None,
    password_stdin: PasswordStdin = False,
) -> int:
    """Return to the champion before; the aliases follow."""
    terminal, by = _opened(context, user, token_file, password_stdin)
    from features.words import Words
    from scoring.review import approvals

    back = approvals.rollback(by, reason).version
    terminal.show(Words(f"已退回版本 {back}，现已启用。", f"version {back} is the champion again."))
    _follow(terminal)
    return 0


@app.command("serve", help=SERVE, epilog=SERVE_EXAMPLE)
def serve(context: typer.Context, port: Port = 5001) -> None:
    """Serve the champion until it is stopped."""
    from features.words import Words
    from models.fetching import CHAMPION, NAME
    from models.tracking import serve
    from scoring.loading import load_trained, reigning
    from scoring.terminal import Terminal

    session: Session = context.obj
    terminal, uri = Terminal.opened(session.language), f"models:/{NAME}@{CHAMPION}"
    version, _ = reigning()
    trained = load_trained(Path(uri))  # what is wrong with it is told in words here, not in the server's trace
    _follow(terminal, required=True)
    terminal.show(
        Words(
            zh=f"版本 {version}（{trained.name}）：http://127.0.0.1:{port}/invocations，按 Ctrl-C 停止",
            en=f"version {version} ({trained.name}): http://127.0.0.1:{port}/invocations, Ctrl-C stops it",
        )
    )
    serve(uri, port)


def _opened(
    context: typer.Context, user: str | None, token_file: Path | None, password_stdin: bool
) -> "tuple[Terminal, User]":
    """Return the terminal and who asks, after it was made sure that there is a store."""
    from scoring.commands.signing import signed_in
    from scoring.store import require
    from scoring.terminal import Terminal

    session: Session = context.obj
    require()
    by = signed_in(user, token_file, password_stdin=password_stdin, language=session.language)
    return Terminal.opened(session.language), by


def _follow(terminal: "Terminal", *, required: bool = False) -> None:
    """Let the aliases follow the store. Where the registry does not answer, that is a remark: the store has spoken."""
    from features.errors import DiligenceError
    from features.words import Words
    from scoring.succession import mend

    try:
        behind = mend()
    except DiligenceError as error:
        if required:
            raise
        terminal.note(error.message)
        return
    if behind:
        named = ", ".join(sorted(behind))
        terminal.note(Words(f"登记处的别名与存储一致：{named}", f"the aliases follow the store: {named}"))
