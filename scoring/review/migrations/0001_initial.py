"""The tables."""

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    initial = True

    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.CreateModel(
            name="CatalogText",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("version", models.CharField(max_length=200)),
                ("text", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="PolicyText",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("version", models.CharField(max_length=200)),
                ("text", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=250, unique=True)),
                ("folded", models.CharField(max_length=250, unique=True)),
                ("name", models.TextField()),
                ("created", models.DateTimeField(default=timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("name", models.CharField(max_length=150, unique=True)),
                ("is_active", models.BooleanField(default=True)),
                ("joined", models.DateTimeField(default=timezone.now)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will "
                        "get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("action", models.CharField(max_length=100)),
                ("subject", models.TextField()),
                ("detail", models.JSONField()),
                ("previous", models.CharField(max_length=64, unique=True)),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=models.PROTECT, related_name="deeds", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Filing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry", models.DateField()),
                ("attributes", models.TextField()),
                ("recorded_on", models.DateField()),
                ("source", models.CharField(max_length=250)),
                ("line", models.PositiveIntegerField(null=True)),
                ("entered_at", models.DateTimeField(default=timezone.now)),
                (
                    "catalog",
                    models.ForeignKey(on_delete=models.PROTECT, related_name="filings", to="review.catalogtext"),
                ),
                ("project", models.ForeignKey(on_delete=models.PROTECT, related_name="filings", to="review.project")),
            ],
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bundle_hash", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField()),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(default=timezone.now)),
                (
                    "proposer",
                    models.ForeignKey(on_delete=models.PROTECT, related_name="proposals", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bundle_hash", models.CharField(db_index=True, max_length=64)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(default=timezone.now)),
                (
                    "approver",
                    models.ForeignKey(on_delete=models.PROTECT, related_name="approvals", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "proposer",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="approved_for", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "proposal",
                    models.OneToOneField(on_delete=models.PROTECT, related_name="approval", to="review.proposal"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bundle_hash", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField()),
                ("kind", models.CharField(choices=[("promote", "promote"), ("rollback", "rollback")], max_length=8)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(default=timezone.now)),
                (
                    "approval",
                    models.OneToOneField(
                        null=True, on_delete=models.PROTECT, related_name="reign", to="review.approval"
                    ),
                ),
                ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="reigns", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=250, unique=True)),
                ("model_hash", models.CharField(max_length=64)),
                ("opened", models.DateTimeField(default=timezone.now)),
                (
                    "catalog",
                    models.ForeignKey(on_delete=models.PROTECT, related_name="rounds", to="review.catalogtext"),
                ),
                (
                    "opened_by",
                    models.ForeignKey(on_delete=models.PROTECT, related_name="rounds", to=settings.AUTH_USER_MODEL),
                ),
                ("policy", models.ForeignKey(on_delete=models.PROTECT, related_name="rounds", to="review.policytext")),
            ],
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model_hash", models.CharField(max_length=64)),
                ("figures", models.JSONField()),
                ("explanation", models.JSONField()),
                ("filing", models.ForeignKey(on_delete=models.PROTECT, related_name="scores", to="review.filing")),
                ("round", models.ForeignKey(on_delete=models.PROTECT, related_name="scores", to="review.round")),
            ],
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("who", models.CharField(max_length=64)),
                ("at", models.DateTimeField(default=timezone.now)),
                ("came_in", models.BooleanField()),
            ],
            options={"indexes": [models.Index(fields=["who", "at"], name="sign_in_who_at")]},
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("issued", models.DateTimeField(default=timezone.now)),
                (
                    "user",
                    models.ForeignKey(on_delete=models.PROTECT, related_name="tokens", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Training",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bundle_hash", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField()),
                ("as_of", models.DateField()),
                ("run_id", models.CharField(max_length=64)),
                ("report", models.TextField(blank=True)),
                ("trained_at", models.DateTimeField(default=timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=models.PROTECT, related_name="trainings", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "catalog",
                    models.ForeignKey(on_delete=models.PROTECT, related_name="trainings", to="review.catalogtext"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MilestoneEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("milestone", models.CharField(max_length=100)),
                ("happened", models.DateField(null=True)),
                ("recorded_on", models.DateField()),
                ("entered_at", models.DateTimeField(default=timezone.now)),
                ("source", models.CharField(max_length=250)),
                ("line", models.PositiveIntegerField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True, on_delete=models.PROTECT, related_name="corrected_by", to="review.milestoneentry"
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(on_delete=models.PROTECT, related_name="entries", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "project",
                    models.ForeignKey(on_delete=models.PROTECT, related_name="milestones", to="review.project"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["recorded_on"], name="entry_recorded_on")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("happened__isnull", False), ("corrects__isnull", False), _connector="OR"),
                        name="entry_takes_back_something",
                    )
                ],
            },
        ),
        migrations.AddIndex(model_name="filing", index=models.Index(fields=["recorded_on"], name="filing_recorded_on")),
        migrations.AddConstraint(
            model_name="filing",
            constraint=models.UniqueConstraint(fields=("project", "entry"), name="filing_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(condition=~models.Q(reason=""), name="proposal_has_a_reason"),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=~models.Q(proposer=models.F("approver")), name="approval_by_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(condition=~models.Q(reason=""), name="approval_has_a_reason"),
        ),
        migrations.AddConstraint(
            model_name="reign",
            constraint=models.CheckConstraint(
                condition=models.Q(approval__isnull=False, kind="promote")
                | models.Q(approval__isnull=True, kind="rollback"),
                name="reign_promotes_what_is_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="reign",
            constraint=models.CheckConstraint(condition=~models.Q(reason=""), name="reign_has_a_reason"),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(fields=("filing", "round"), name="score_once_a_round"),
        ),
    ]
