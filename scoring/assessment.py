"""What gates, rubric and model make of projects: numbers only, each row by itself, whatever its company."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Attribute, Catalog, Clock
from features.derive import derive
from features.inputs import Feature, Features
from features.words import Language
from models.explain import Explained
from models.model import Model
from scoring.doubt import Doubt, doubt
from scoring.gates import Findings, findings
from scoring.merit import Merit, merit
from scoring.policy import Policy
from scoring.values import filed, recalled
from scoring.wording import Texts


@dataclass(frozen=True)
class Assessment:
    """What was found of n sound rows.

    Attributes
    ----------
    catalog : whose attributes the rows are
    rows : (n, ...) the rows with their derived attributes
    found, merit : of all n rows
    figured : (n,) True where the row has figures: no red line stops it
    features : of the m rows that have figures, in their order; None where none has
    clocks : the explained figures of those m rows; empty where none has
    doubt : what is open about their headline; None where none has figures
    """

    catalog: Catalog
    rows: pd.DataFrame
    found: Findings
    merit: Merit
    figured: NDArray[np.bool_]
    features: Features | None
    clocks: Mapping[Clock, Explained]
    doubt: Doubt | None

    @property
    def columns(self) -> tuple[Feature, ...]:
        """The p attributes of the model, in its order."""
        return () if self.features is None else self.features.columns

    @property
    def headline(self) -> Explained | None:
        """The figures that rank."""
        return self.clocks.get(self.catalog.headline)

    def values(self, column: int, rows: NDArray[np.intp], language: Language) -> Texts:
        """Return one attribute of the model as people read it, for some of the rows that have figures."""
        assert self.features is not None, "there are no attributes where no row has figures"
        name = self.columns[column].id
        known = known_attributes(self.catalog)
        if name not in known:
            return recalled(name, self.features.matrix[rows, column], language)
        if name not in self.rows.columns:
            return filed(known[name], pd.Series(np.full(len(rows), np.nan)), language)
        return filed(known[name], self.rows[name].iloc[np.flatnonzero(self.figured)[rows]], language)


def known_attributes(catalog: Catalog) -> Mapping[str, Attribute]:
    """Return the filed and the derived attributes of a catalogue by id."""
    return {**catalog.attributes, **{d.attribute.id: d.attribute for d in catalog.derived}}


def assess(rows: pd.DataFrame, model: Model, policy: Policy) -> Assessment:
    """Return what gates, rubric and model make of sound typed rows.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, n_attributes), of the model's catalogue

    Returns
    -------
    Assessment
        The model is not asked about a row that a red line stops.
    """
    derived = derive(rows, model.catalog)
    found = findings(policy, derived, rows[model.catalog.entry].to_numpy("datetime64[D]"))
    figured = ~found.vetoed
    features: Features | None = None
    clocks: Mapping[Clock, Explained] = {}
    open_: Doubt | None = None
    if figured.any():
        asked = rows[figured].reset_index(drop=True)
        features = model.features(asked)
        clocks = model.figures(features)
        open_ = doubt(model, features, clocks[model.catalog.headline])
    return Assessment(model.catalog, derived, found, merit(policy, derived), figured, features, clocks, open_)
