"""People: accounts, the tokens of their scripts, and who tried to sign in."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone


class User(AbstractBaseUser, PermissionsMixin):
    """One person; what they may do follows from their roles, which are Django's groups."""

    name: str = models.CharField(max_length=150, unique=True)
    is_active: bool = models.BooleanField(default=True)
    joined: datetime = models.DateTimeField(default=timezone.now)

    objects = BaseUserManager()
    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """The person's roles, sorted."""
        return tuple(sorted(group.name for group in self.groups.all()))

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """What a script signs in with: only its hash is kept."""

    user: User = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    digest: str = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    issued: datetime = models.DateTimeField(default=timezone.now)


class SignIn(models.Model):
    """An attempt to sign in. The name is kept as its hash: people type their password into the wrong line."""

    who: str = models.CharField(max_length=64)
    at: datetime = models.DateTimeField(default=timezone.now)
    came_in: bool = models.BooleanField()

    class Meta:
        """Asked by name and time."""

        indexes = (models.Index(fields=("who", "at"), name="sign_in_who_at"),)
