from collections.abc import Callable

import pandas as pd
import pytest

from features.catalog import Catalog
from features.catalogs.reader import read_catalog
from features.synthetic import Design, Register, generate


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return read_catalog("zhaoshang")


@pytest.fixture(scope="session")
def county() -> Register:
    """A large county in calm times, with every other cloud."""
    return generate(Design(n_projects=20_000, shock_sd=0.0), seed=1)


@pytest.fixture(scope="session")
def shaken() -> Register:
    return generate(Design(n_projects=6_000, shock_sd=0.6), seed=2)


@pytest.fixture(scope="session")
def months_to() -> Callable[[pd.Series, pd.Series], pd.Series]:
    def months(day: pd.Series, since: pd.Series) -> pd.Series:
        return (day - since).dt.days / (365.25 / 12)

    return months
