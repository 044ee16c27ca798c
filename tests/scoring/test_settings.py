import stat
import threading

import pytest

from features.errors import Refused
from scoring import settings


def test_the_store_is_a_file_of_the_folder_of_state(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("LUODI_VAR", str(tmp_path / "state"))
    assert settings.database()["NAME"] == str(tmp_path / "state" / "luodi.sqlite3")
    monkeypatch.delenv("LUODI_VAR")
    monkeypatch.chdir(tmp_path)
    assert settings.database()["NAME"] == str(tmp_path / "var" / "luodi.sqlite3")
    assert not list(tmp_path.iterdir())


def test_a_url_names_another_database(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://luodi:secret@db.example:5433/county")
    found = settings.database()
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", 5433, "county")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.sqlite3")
    assert settings.database()["NAME"] == f"{tmp_path}/other.sqlite3"
    assert settings.database()["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.parametrize(
    "url",
    ["mysql://root:secret@localhost/x", "secret", "nonsense://secret", "postgresql://secret@h", "sqlite://:memory:"],
)
def test_any_other_url_is_refused_without_repeating_its_password(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(Refused, match="DATABASE_URL must be") as refused:
        settings.database()
    assert "secret" not in str(refused.value)


def test_the_secret_key_is_made_once_and_is_its_owners_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("LUODI_VAR", str(tmp_path / "state"))
    keys = []
    threads = [threading.Thread(target=lambda: keys.append(settings.secret_key())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place = tmp_path / "state" / "secret.key"
    assert keys == [place.read_text()] * 8
    assert len(keys[0]) >= 50
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(place.parent.iterdir()) == [place]
