"""Whether the store is sound: its audit trail unbroken, its triggers in place, every approval as it must be."""

from collections.abc import Iterator

from django.db import connection

from features.errors import Problem
from features.words import Words
from scoring.review.audit import verify_chain
from scoring.review.models import AppendOnly, Approval, Reign
from scoring.store import settled

_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    # Those of this schema that are on: 'D' is a trigger that somebody has switched off.
    "postgresql": "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND c.relnamespace = current_schema()::regnamespace",
}


def unsound() -> list[Problem]:
    """Return everything that shows the store was tampered with, or damaged; nothing = it is sound."""
    with settled():
        return [*_file_damage(), *_missing_triggers(), *_broken_chain(), *_unapproved()]


def guards() -> dict[str, tuple[str, ...]]:
    """Return the triggers that each table must have."""
    own = {model._meta.db_table: ["no_update", "no_delete"] for model in AppendOnly.__subclasses__()}
    for model in (Approval, Reign):
        own[model._meta.db_table].append("checked")
    if connection.vendor == "postgresql":
        for names in own.values():
            names.append("no_truncate")
    return {table: tuple(f"{table}_{name}" for name in names) for table, names in own.items()}


def _file_damage() -> Iterator[Problem]:
    if connection.vendor != "sqlite":
        return  # a server looks after its own files
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(5)")
        said = [row[0] for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        said += [f"{table}, row {row}: names no row of {other}" for table, row, other, _ in cursor.fetchall()]
    for fault in said[:5]:
        yield Problem("sqlite", Words(f"文件已损坏：{fault}；请恢复备份", f"is damaged: {fault}; restore a backup"))


def _missing_triggers() -> Iterator[Problem]:
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS[connection.vendor])
        there = set(cursor.fetchall())
    for table, names in guards().items():
        missing = [name for name in names if (name, table) not in there]
        if missing:
            yield Problem(
                table,
                Words(
                    zh=f"只能追加的表须有触发器；缺少 {'、'.join(missing)}；请查明是谁删去的",
                    en=f"must be under its triggers; {', '.join(missing)} is gone; find out who took it away",
                ),
            )


def _broken_chain() -> Iterator[Problem]:
    broken = verify_chain()
    if broken is not None:
        yield Problem(
            "review_auditentry",
            Words(
                zh=f"审计记录须首尾相连；第 {broken} 条与记下时不同，或前面少了记录；请与备份核对",
                en=f"the audit trail must be unbroken; entry {broken} is not as it was written, or one before it is "
                "gone; compare it with a backup",
            ),
        )


def _unapproved() -> Iterator[Problem]:
    for approval in Approval.objects.select_related("proposal"):
        said = (approval.proposal.proposer_id, approval.proposal.bundle_hash)
        if said != (approval.proposer_id, approval.bundle_hash) or approval.proposer_id == approval.approver_id:
            yield Problem(
                "review_approval",
                Words(
                    zh=f"第 {approval.pk} 条批准须由另一人作出，且与提议一致；实际不是；请撤下此模型",
                    en=f"approval {approval.pk} must be another person's, and as proposed; it is not; roll it back",
                ),
            )
    approved = set(Approval.objects.values_list("bundle_hash", flat=True))
    for pk, bundle_hash in Reign.objects.values_list("pk", "bundle_hash"):
        if bundle_hash not in approved:
            yield Problem(
                "review_reign",
                Words(
                    zh=f"第 {pk} 次启用的模型须经批准；实际没有；请撤下",
                    en=f"reign {pk} must be of an approved bundle; it is not; roll it back",
                ),
            )
