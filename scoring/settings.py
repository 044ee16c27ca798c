"""Django's settings, from two variables of the environment: LUODI_VAR, the folder of state, and DATABASE_URL."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dj_database_url
from django.utils.functional import SimpleLazyObject

from features.errors import Refused
from features.words import Words

VAR, URL = "LUODI_VAR", "DATABASE_URL"
ENGINES = {"django.db.backends.sqlite3": "sqlite", "django.db.backends.postgresql": "postgresql"}
PATIENCE_SECONDS = 30  # how long a writer waits for another


def var() -> Path:
    """Return the folder of state: LUODI_VAR, else ``var`` under the working directory."""
    return Path(os.environ.get(VAR) or "var").absolute()


def database() -> dict[str, Any]:
    """Return how Django reaches the store: DATABASE_URL, else a file of the folder of state.

    Raises
    ------
    Refused
        The URL names no database that can hold the store.
    """
    url = os.environ.get(URL) or ""
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url)) if url else {"ENGINE": "django.db.backends.sqlite3"}
    except (ValueError, dj_database_url.UnknownSchemeError):
        raise _strange() from None
    if ENGINES.get(found["ENGINE"]) == "sqlite":
        return _file(found)
    if ENGINES.get(found["ENGINE"]) != "postgresql" or not found["NAME"]:
        raise _strange()
    return found


def _file(found: Mapping[str, Any]) -> dict[str, Any]:
    name = found.get("NAME") or str(var() / "luodi.sqlite3")
    if name == ":memory:":
        raise _strange()
    options = {
        "transaction_mode": "IMMEDIATE",  # who reads in order to write waits at the beginning, and never fails midway
        "timeout": PATIENCE_SECONDS,
        # Recursive: INSERT OR REPLACE deletes, and what is append-only must see it.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    }
    return {**found, "NAME": str(Path(name).absolute()), "OPTIONS": options}


def _strange() -> Refused:
    # The URL may hold a password: it is not repeated.
    return Refused(
        Words(
            zh=f"{URL} 须是 sqlite:///文件 或 postgresql://用户@主机:端口/库名；实际是别的写法。请改正，或删去它。",
            en=f"{URL} must be sqlite:///FILE or postgresql://USER@HOST:PORT/NAME; got something else. "
            "Correct it, or leave it out.",
        )
    )


def secret_key() -> str:
    """Return the key that signs sessions; made on first use, readable by its owner alone."""
    place = var() / "secret.key"
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        handle, draft = tempfile.mkstemp(prefix=f"{place.name}.", dir=place.parent)  # 0600, and nobody else's
        with open(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, place)  # whole or not at all; the first of several is right
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return place.read_text(encoding="ascii")


SECRET_KEY = SimpleLazyObject(secret_key)  # commands that sign nothing leave no key behind
DATABASES = {"default": database()}
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "scoring.review"]
AUTH_USER_MODEL = "review.User"
_RULES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_RULES}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("name",)}},
    {"NAME": f"{_RULES}.MinimumLengthValidator"},
    {"NAME": f"{_RULES}.CommonPasswordValidator"},
    {"NAME": f"{_RULES}.NumericPasswordValidator"},
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOGGING_CONFIG = None  # what goes wrong is told in words, at the rim
