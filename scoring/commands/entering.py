"""Who may enter filings and outcomes: signed in before the work, so that nobody waits for a refusal."""

from pathlib import Path
from typing import TYPE_CHECKING

from features.words import Language

if TYPE_CHECKING:
    from scoring.review.models import User

MAY_ENTER = ("secretary", "analyst", "administrator")


def entering(user: str | None, token_file: Path | None, language: Language, *, password_stdin: bool) -> "User":
    """Return who enters something into the store.

    Raises
    ------
    Refused
        There is no store, nobody signs in, or the person has none of the roles.
    """
    # Imported here: help, and rounds that nobody keeps, must not wait for Django.
    from scoring.commands.signing import signed_in
    from scoring.store import require

    require()
    by = signed_in(user, token_file, password_stdin=password_stdin, language=language)
    from scoring.review.people import must

    must(by, *MAY_ENTER)
    return by
