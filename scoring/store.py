"""The store: Django set up for the database that the environment names, made, checked, and held by one at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, OperationalError, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from features.errors import Refused
from features.words import Words
from scoring import settings
from scoring.exclusive import exclusive

__all__ = ["exclusive", "initialise", "prepare", "require", "settled"]

_ALIAS = "default"
_WRITERS = 0x6C756F6469  # the lock of those who read in order to write, on PostgreSQL
_HOW = Words("请先运行 luodi store init。", "Run `luodi store init` first.")


def prepare() -> None:
    """Set Django up, once, for the store that LUODI_VAR and DATABASE_URL name now.

    Raises
    ------
    Refused
        DATABASE_URL names no database that can hold the store.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = settings.__name__
    if not apps.ready and not apps.loading:
        django.setup()
    wanted = connections.configure_settings({_ALIAS: settings.database()})
    if connections.settings[_ALIAS] != wanted[_ALIAS]:
        connections.close_all()
        connections.settings = wanted
        if hasattr(connections._connections, _ALIAS):
            del connections[_ALIAS]


def initialise() -> Words:
    """Make the store, or bring it up to this version; return what was done.

    Raises
    ------
    Refused
        The database cannot be reached or written, or was made by a newer version.
    """
    prepare()
    if _is_file():
        Path(connections[_ALIAS].settings_dict["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    with exclusive("store", settings.PATIENCE_SECONDS), _reached():
        _refuse_newer()
        pending = len(_pending())
        if not pending:
            return Words(f"存储已是最新：{place()}", f"the store is up to date: {place()}")
        call_command("migrate", verbosity=0, interactive=False)
    return Words(
        f"存储已就绪（执行了 {pending} 步）：{place()}", f"the store is ready ({pending} steps made): {place()}"
    )


def require() -> None:
    """Refuse to go on without a store of this version.

    Raises
    ------
    Refused
        There is none, migrations are pending, or it was made by a newer version; in words, with the remedy.
    """
    prepare()
    if _is_file() and not Path(connections[_ALIAS].settings_dict["NAME"]).exists():
        raise _absent()
    with _reached():
        if not connections[_ALIAS].introspection.table_names():
            raise _absent()
        _refuse_newer()
        if _pending():
            raise Refused(
                Words(
                    zh=f"存储 {place()} 须与本版本一致；实际还有未执行的升级。{_HOW.zh}",
                    en=f"the store {place()} must be of this version; got one that is older. {_HOW.en}",
                )
            )


def place() -> str:
    """Return where the store lies, without any password."""
    told = connections[_ALIAS].settings_dict
    if _is_file():
        return str(told["NAME"])
    return f"postgresql://{told['HOST'] or 'localhost'}:{told['PORT'] or 5432}/{told['NAME']}"


@contextmanager
def settled(*, alone: bool = False) -> Iterator[None]:
    """One transaction: all of the block is kept, or nothing; what the database cannot do is told in words.

    Parameters
    ----------
    alone : let no other such block run at the same time: what it reads stays true until it has written

    Raises
    ------
    Refused
        The database cannot be reached, or is held by others for longer than anyone should wait.
    """
    with _reached(), transaction.atomic():
        if alone and not _is_file():  # a file has one writer at a time anyway
            with connections[_ALIAS].cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS])
        yield


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        # Told in words: a database that is away, busy, or none. Rules that were broken are the caller's matter.
        if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
            raise _unreachable(error) from error
        raise


def _is_file() -> bool:
    return bool(connections[_ALIAS].vendor == "sqlite")


def _pending() -> list[object]:
    executor = MigrationExecutor(connections[_ALIAS])
    return list(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _refuse_newer() -> None:
    loader = MigrationExecutor(connections[_ALIAS]).loader
    strange = sorted(
        name for app, name in loader.applied_migrations if app == "review" and (app, name) not in loader.graph
    )
    if strange:
        raise Refused(
            Words(
                zh=f"存储 {place()} 须由本版本或更早的版本建立；实际有更新的步骤 {strange[-1]}。请升级 Luodi。",
                en=f"the store {place()} must be of this version or older; got the newer step {strange[-1]}. "
                "Install a newer Luodi.",
            )
        )


def _absent() -> Refused:
    return Refused(
        Words(zh=f"还没有存储；应在 {place()}。{_HOW.zh}", en=f"there is no store yet; looked at {place()}. {_HOW.en}")
    )


def _unreachable(error: Exception) -> Refused:
    kind = " ".join(str(error).split())[:200]
    return Refused(
        Words(
            zh=f"存储 {place()} 须可读写；实际：{kind}。请稍后再试，或检查 {settings.URL} 和 {settings.VAR}。",
            en=f"the store {place()} must be there to read and write; got: {kind}. "
            f"Try again later, or look at {settings.URL} and {settings.VAR}.",
        )
    )
