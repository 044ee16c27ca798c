import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.catalog import Catalog, Clock, Dimension
from features.catalogs.reader import parse_catalog, read_catalog
from features.inputs import Feature, Features
from features.synthetic import Design, Register, generate
from features.timeline import PersonPeriods
from features.words import Words
from models.bundle import save
from models.lives import Lives
from models.model import Model
from models.recipe import Recipe, read_recipe
from models.training import train

DIRECTIONS = (1, -1, 0, 0, 0)
DAY = np.datetime64("2020-01-01", "D")
ORCHARDS = """
name = "orchards"
entry = "filed"
key = "ref"
investor = "grower"
snapshot_column = "updated"
period_months = 12
reporting_lag_months = 6

[attribute.ref]
kind = "key"
[attribute.filed]
kind = "date"
[attribute.grower]
kind = "key"
dimension = "capital_strength"
[attribute.water]
kind = "number"
dimension = "local_fit"
[attribute.fruit]
kind = "category"
dimension = "context"
[attribute.planted]
kind = "date"
known = "later"
[attribute.dropped]
kind = "date"
known = "later"
[attribute.updated]
kind = "date"
known = "later"

[milestone.landed]
columns = ["planted"]
[milestone.withdrawn]
columns = ["dropped"]
exit = true

[clock.landed]
horizon_months = 24

[[history]]
by = ["grower"]
dimension = "capital_strength"
measures = ["count", "landed_rate"]
"""


def features_of(matrix, *, directions=DIRECTIONS, levels=8):
    """Columns of a small world: numbers a0..a4, the last column a category."""
    numbers = matrix.shape[1] - 1
    columns = [
        Feature(f"a{j}", Words("甲", "a"), Dimension.MARKET, directions=dict.fromkeys(Clock, directions[j]))
        for j in range(numbers)
    ]
    columns.append(Feature("c", Words("类", "c"), Dimension.CONTEXT, True, tuple(str(i) for i in range(levels))))
    return Features(np.ascontiguousarray(matrix), tuple(columns), np.zeros(matrix.shape, dtype=np.bool_))


def small_world(n, seed, n_periods=6):
    """Attributes, and lives drawn from a hazard that a0 raises and a1 lowers; every project lives all periods."""
    random = np.random.default_rng(seed)
    matrix = np.column_stack([random.normal(size=(n, 5)), random.integers(0, 8, n)])
    matrix[random.random(n) < 0.1, 2] = np.nan
    score = 0.9 * matrix[:, 0] - 0.7 * matrix[:, 1] + 0.5 * (matrix[:, 5] == 3)
    chance = 1 / (1 + np.exp(-(score[:, None] - 2.5 + 0.1 * np.arange(n_periods))))
    return features_of(matrix), cut(random.random((n, n_periods)) < chance)


def cut(came):
    """Person-periods up to the first event."""
    n, n_periods = came.shape
    first = np.where(came.any(axis=1), came.argmax(axis=1), n_periods)
    count = np.minimum(first + 1, n_periods)
    project = np.repeat(np.arange(n), count)
    period = np.concatenate([np.arange(c) for c in count]) if n else np.zeros(0, dtype=np.intp)
    end = np.full(len(project), DAY)
    return PersonPeriods(project, period, (period == first[project]).astype(np.float64), end, n_periods)


def lives_of(features, periods, group=None):
    """What a clock learns from in a small world: everybody stands alone, and entered in one of ten years."""
    everybody = np.arange(len(features.matrix))
    entered = DAY - 1100 - everybody * 1013 % 3650
    end = entered[periods.project] + 183 * (periods.period + 1)
    return Lives(features, replace(periods, end=end), everybody if group is None else group, entered)


@pytest.fixture(scope="session", name="lives_of")
def _lives_of():
    return lives_of


@pytest.fixture(scope="session")
def quick() -> Recipe:
    """The default recipe in short, where figures need not be good."""
    recipe = read_recipe()
    short = replace(recipe, trees=replace(recipe.trees, rounds=40), level=replace(recipe.level, folds=2))
    return replace(short, bag=replace(recipe.bag, members=3))


def orchards(n=420, seed=0):
    """A made-up register of yearly periods: water decides, the grower matters a little."""
    rng = np.random.default_rng(seed)
    filed = np.datetime64("2008-01-01", "s") + rng.integers(0, 365 * 12, n).astype("timedelta64[D]")
    water, grower = rng.normal(size=n), rng.integers(0, 60, n)
    hazard = 1 / (1 + np.exp(1.0 - 1.5 * water - 0.3 * np.sin(grower)))
    planted = filed + (rng.geometric(hazard) * 365 - rng.integers(1, 365, n)).astype("timedelta64[D]")
    dropped = np.where(rng.uniform(size=n) < 0.1, filed + np.timedelta64(200, "D"), np.datetime64("NaT"))
    snapshot = np.datetime64("2020-06-30", "s")
    return pd.DataFrame(
        {
            "ref": [f"O{i}" for i in range(n)],
            "filed": filed,
            "grower": [f"grower {g}" for g in grower],
            "water": water,
            "fruit": rng.choice(["apple", "pear", "plum"], n),
            "planted": np.where((planted <= snapshot) & np.isnat(dropped), planted, np.datetime64("NaT")),
            "dropped": dropped,
            "updated": snapshot,
        }
    ).astype({"ref": "str", "grower": "str", "fruit": "str"})


@pytest.fixture(scope="session", name="orchards")
def _orchards():
    return orchards


@pytest.fixture(scope="session")
def orchard_catalog() -> Catalog:
    return parse_catalog(ORCHARDS, "orchards")


@pytest.fixture(scope="session", name="small_world")
def _small_world():
    return small_world


@pytest.fixture(scope="session", name="cut")
def _cut():
    return cut


@pytest.fixture(scope="session", name="features_of")
def _features_of():
    return features_of


@pytest.fixture(scope="session")
def zhaoshang() -> Catalog:
    return read_catalog("zhaoshang")


@pytest.fixture(scope="session")
def register() -> Register:
    return generate(Design(n_projects=600, years=8), seed=11)


@pytest.fixture(scope="session")
def model(register: Register, zhaoshang: Catalog, quick: Recipe) -> Model:
    return train(register.history, zhaoshang, as_of=register.design.day, recipe=quick)


@pytest.fixture(scope="session")
def bundle(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "model"
    save(model, folder)
    return folder


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    """A bundle of its own, to be spoilt."""
    return Path(shutil.copytree(bundle, tmp_path / "elsewhere"))


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    if content:
        content[len(content) // 2] ^= 1
    path.write_bytes(content or b"x")  # no trees are no bytes


@pytest.fixture(scope="session", name="flip_a_byte")
def _flip_a_byte():
    return flip_a_byte
