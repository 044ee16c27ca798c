"""One at a time: a name that one process holds, freed when it ends, however it ends."""

import fcntl
import hashlib
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import DatabaseError, connections

from features.errors import Refused
from features.words import Words
from scoring import settings

_PAUSE_SECONDS = 0.1
_HOLDERS = (
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = a.datid "
    "AND a.datname = current_database() AND l.classid::bigint = %s AND l.objid::bigint = %s"
)


@contextmanager
def exclusive(name: str, wait_seconds: float) -> Iterator[None]:
    """Hold ``name`` while the block runs; only one process of those that share the store does.

    Parameters
    ----------
    name : plain ASCII, like ``retrain``
    wait_seconds : how long to wait for another holder

    Raises
    ------
    Refused
        Another still holds it, and who that is.
    """
    assert re.fullmatch(r"[a-z][a-z0-9-]*", name), name
    me = f"luodi {name}, pid {os.getpid()}@{socket.gethostname()}"[:63]  # as much as PostgreSQL keeps of a name
    hold = _by_file if connections["default"].vendor == "sqlite" else _by_database
    with ExitStack() as stack:
        attempt = stack.enter_context(hold(name, me))
        deadline = time.monotonic() + wait_seconds
        while (other := attempt()) is not None:
            if time.monotonic() >= deadline:
                raise _held(name, other)
            time.sleep(_PAUSE_SECONDS)
        yield


Attempt = Callable[[], str | None]  # None = held now; else who holds it


@contextmanager
def _by_file(name: str, me: str) -> Iterator[Attempt]:
    """Lock a file of the folder of state: the kernel lets go of it when the process ends."""
    folder = settings.var() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.lock", "a+", encoding="utf-8") as file:

        def attempt() -> str | None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                return file.read().strip() or "?"
            file.truncate(0)
            file.write(me)
            file.flush()
            return None

        yield attempt


@contextmanager
def _by_database(name: str, me: str) -> Iterator[Attempt]:
    """Take an advisory lock on a connection of its own: the server lets go of it when the connection ends."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    own = _own_connection(me)
    try:

        def attempt() -> str | None:
            with own.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
                if cursor.fetchone()[0]:
                    return None
                unsigned = key % (1 << 64)
                cursor.execute(_HOLDERS, [unsigned >> 32, unsigned & 0xFFFFFFFF])
                found = cursor.fetchone()
            return str(found[0]) if found else "?"

        yield attempt
    finally:
        own.close()


def _own_connection(me: str) -> Any:
    own = connections["default"].copy()
    own.settings_dict["OPTIONS"] = {**own.settings_dict["OPTIONS"], "application_name": me}
    try:
        own.ensure_connection()
    except DatabaseError as error:
        raise Refused(
            Words(
                zh=f"数据库须可连接；实际：{error}。请检查 {settings.URL}。",
                en=f"the database must be reachable; got: {error}. Look at {settings.URL}.",
            )
        ) from error
    return own


def _held(name: str, other: str) -> Refused:
    return Refused(
        Words(
            zh=f"“{name}”同时只能有一个在运行；正由 {other} 占用。请等它结束后再试。",
            en=f"only one '{name}' may run at a time; held by {other}. Try again when it has ended.",
        )
    )
