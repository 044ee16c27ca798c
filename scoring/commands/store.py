"""luodi store: making the store, and looking whether it is sound."""

import typer

from scoring.commands.options import Session
from scoring.commands.speech import both

HELP = both("存储：项目、申报、里程碑、批准和审计。", "The store: projects, filings, milestones, approvals, audit.")
EXAMPLE = both("例：luodi store init", "Example: luodi store init")
INIT = both(
    "建立存储，或升级到本版本（LUODI_VAR 文件夹；或 DATABASE_URL）。",
    "Make the store, or bring it up to this version (in LUODI_VAR; or DATABASE_URL).",
)
VERIFY = both(
    "检查存储：审计记录、触发器、批准是否完好。", "Look whether audit trail, triggers and approvals are sound."
)
VERIFY_EXAMPLE = both("例：luodi store verify", "Example: luodi store verify")

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("init", help=INIT, epilog=EXAMPLE)
def init(context: typer.Context) -> int:
    """Make the store; made already, it is brought up to date."""
    # Imported here: help must not wait for Django.
    from scoring.store import initialise
    from scoring.terminal import Terminal

    session: Session = context.obj
    Terminal.opened(session.language).show(initialise())
    return 0


@app.command("verify", help=VERIFY, epilog=VERIFY_EXAMPLE)
def verify(context: typer.Context) -> int:
    """List what is wrong with the store; print the newest hash of its trail, to be kept elsewhere."""
    from features.words import Words
    from scoring.store import place, require
    from scoring.terminal import Terminal

    session: Session = context.obj
    terminal = Terminal.opened(session.language)
    require()
    from scoring.review.audit import newest
    from scoring.review.soundness import unsound

    problems = unsound()
    terminal.problems(problems)
    if problems:
        terminal.note(Words(f"存储 {place()} 不完好。", f"the store {place()} is not sound."))
        return 1
    count, digest = newest()
    terminal.show(
        Words(
            zh=f"存储 {place()} 完好；审计 {count} 条，最新一条的校验值 {digest}。请另行记下，日后核对。",
            en=f"the store {place()} is sound; {count} audit entries, hash of the newest {digest}. Write it down "
            "elsewhere, to compare with later.",
        )
    )
    return 0
