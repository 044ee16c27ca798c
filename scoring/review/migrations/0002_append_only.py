"""What is written once stays: triggers that refuse to change or delete, and hold approvals to their proposals."""

from typing import Any

from django.db import migrations

TABLES = (
    "review_approval",
    "review_auditentry",
    "review_catalogtext",
    "review_filing",
    "review_milestoneentry",
    "review_policytext",
    "review_proposal",
    "review_reign",
    "review_score",
    "review_training",
)
APPROVED = """
    SELECT 1 FROM review_proposal p
    WHERE p.id = NEW.proposal_id AND p.proposer_id = NEW.proposer_id AND p.bundle_hash = NEW.bundle_hash
"""
RULES = """
    SELECT 1 FROM review_approval a JOIN review_proposal p ON p.id = a.proposal_id
    WHERE a.bundle_hash = NEW.bundle_hash AND p.version = NEW.version
    AND (NEW.approval_id IS NULL OR a.id = NEW.approval_id)
"""
CHECKED = (
    ("review_approval", APPROVED, "an approval has the proposer and the bundle of its proposal"),
    ("review_reign", RULES, "only an approved bundle rules"),
)
ENFORCE = """
CREATE FUNCTION review_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: rows of this table are neither changed nor deleted'
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def _checker(table: str, condition: str, message: str) -> str:
    return f"""
CREATE FUNCTION {table}_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS ({condition}) THEN
        RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def _on_sqlite() -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only: rows of this table are neither changed nor deleted'); END"
    made = []
    for table in TABLES:
        made += [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        ]
    for table, condition, message in CHECKED:
        body = f"BEGIN SELECT RAISE(ABORT, '{message}') WHERE NOT EXISTS ({condition}); END"
        made.append(f"CREATE TRIGGER {table}_checked BEFORE INSERT ON {table} {body}")
    return made


def _on_postgresql() -> list[str]:
    call = "EXECUTE FUNCTION review_append_only()"
    made = [ENFORCE]
    for table in TABLES:
        made += [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {call}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {call}",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
        ]
    for table, condition, message in CHECKED:
        made += [
            _checker(table, condition, message),
            f"CREATE TRIGGER {table}_checked BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_checked()",
        ]
    return made


def install(_apps: Any, schema_editor: Any) -> None:
    """Create the triggers of this database's kind."""
    for statement in _on_sqlite() if schema_editor.connection.vendor == "sqlite" else _on_postgresql():
        schema_editor.execute(statement, None)


class Migration(migrations.Migration):
    """Nothing takes the triggers away again: there is no way back."""

    dependencies = (("review", "0001_initial"),)
    operations = (migrations.RunPython(install, elidable=False),)
