import numpy as np
import pytest

from features.builder import Feature, Features
from features.catalog import Clock, Dimension
from features.timeline import PersonPeriods
from features.words import Words
from models.rivals import Lesson

HORIZON = 4


def features(matrix):
    kinds = (("size", False), ("ready", False), ("industry", True))
    columns = tuple(
        Feature(
            id=id_,
            label=Words(id_, id_),
            dimension=Dimension.CONTEXT,
            categorical=categorical,
            levels=("a", "b", "c") if categorical else (),
            directions={},
            weights={},
            transform="identity",
        )
        for id_, categorical in kinds
    )
    return Features(matrix, columns, np.zeros(matrix.shape, dtype=bool))


def lesson(seed=0, n=600, t=300):
    """Projects whose hazard rises with readiness and with industry c; the youngest have lived one period."""
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.lognormal(size=n + t), rng.normal(size=n + t), rng.integers(0, 3, n + t)])
    matrix[rng.uniform(size=n + t) < 0.1, 0] = np.nan
    hazard = 1 / (1 + np.exp(-(-2 + 1.2 * matrix[:, 1] + 1.0 * (matrix[:, 2] == 2))))
    came = rng.geometric(hazard) - 1
    lived = rng.integers(1, HORIZON + 1, n)
    rows = [(i, k, float(came[i] == k)) for i in range(n) for k in range(min(lived[i], came[i] + 1))]
    project, period, event = (np.array(column) for column in zip(*rows, strict=True))
    end = np.full(len(rows), np.datetime64("2020-01-01", "D"))
    within = (came < HORIZON).astype(float)
    day = np.datetime64("2020-01-01", "D")
    return Lesson(
        train=features(matrix[:n]),
        test=features(matrix[n:]),
        periods=PersonPeriods(project, period, event, end, HORIZON),
        horizon=HORIZON,
        clock=Clock.LANDED,
        entered=day - 365 * lived - rng.integers(0, 365, n),
        reached=(came[:n] < lived).astype(float),
        within=within[:n],
        mature=lived == HORIZON,
        seed=1,
        threads=1,
        answers=within[n:],
    )


@pytest.fixture(scope="session", name="lesson")
def _lesson():
    return lesson


@pytest.fixture(scope="session")
def sound():
    return lesson()
