import subprocess
import sys
from pathlib import Path

import pytest

from features.errors import BundleError, Refused
from features.words import Language
from models.fetching import digest_of
from scoring.loading import approved, load_scorer, load_trained

DAY = "2025-01-30"


def test_a_model_is_called_by_its_catalogue_and_day_and_hash(model):
    trained, scorer = load_trained(model), load_scorer(model, None, Language.EN)
    assert trained.digest == scorer.digest == digest_of(model)
    assert trained.name == scorer.name == f"zhaoshang {trained.model.card['dates']['as_of']}"


def test_a_folder_is_scored_without_django_and_mlflow(model, sheet, tmp_path):
    file = sheet.saved(tmp_path / "projects.csv")
    arguments = ["score", str(file), "--model", str(model), "--out", str(tmp_path / "out.csv"), "--as-of", DAY]
    code = (
        f"import sys; from scoring.cli import run; assert run({arguments!r}) == 0\n"
        "sys.exit(', '.join({'django', 'mlflow', 'sqlalchemy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_bundle_without_an_approval_is_refused_by_its_hash(stores, model):
    with pytest.raises(Refused, match=digest_of(model)[:12]):
        approved(digest_of(model))


def test_a_registered_model_takes_a_registry(registry_home, store):
    with pytest.raises(BundleError, match="got nothing there"):
        load_trained(Path("models:/luodi@challenger"))
