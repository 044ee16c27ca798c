"""The roles of a review, as groups."""

from typing import Any

from django.db import migrations

ROLES = ("secretary", "member", "chair", "analyst", "auditor", "administrator")


def found(apps: Any, _schema_editor: Any) -> None:
    """Make the groups that are not there."""
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    """Groups that were there before are left as they are."""

    dependencies = (("review", "0002_append_only"),)
    operations = (migrations.RunPython(found, migrations.RunPython.noop),)
