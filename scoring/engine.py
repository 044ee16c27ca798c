"""The engine: sound rows in, the scored table out, in the columns and the language of the file that people keep."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.catalog import EXPLAINED, Catalog, Clock
from features.words import Language, Words
from models.explain import by_dimension
from models.model import Model
from scoring.assessment import Assessment, assess, known_attributes
from scoring.contributions import contributions
from scoring.flags import Flag, from_reader, naming, saying, together, unit_slips, unlikeness
from scoring.gates import gate_cells
from scoring.policy import Policy
from scoring.ranking import ROUND_COLUMNS, grades
from scoring.reasons import strongest, told
from scoring.wording import Texts, blank

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

SCORED, VETOED = "scored", "vetoed"


def interval_columns(catalog: Catalog) -> tuple[str, str]:
    """Return the columns of the low and the high end of the figure that ranks.

    Examples
    --------
    >>> from features.catalogs.reader import read_catalog
    >>> interval_columns(read_catalog("zhaoshang"))
    ('p_produced_low', 'p_produced_high')
    """
    figure = f"p_{catalog.headline.value}"
    return f"{figure}_low", f"{figure}_high"


@dataclass(frozen=True)
class Scored:
    """The scored table, and what it was written from.

    Attributes
    ----------
    frame : (n, ...) the filed columns in the order of the catalogue, then those of a scored file in their order; the
        columns of the round are empty until it is ranked
    assessment : the numbers behind the frame
    """

    frame: pd.DataFrame
    assessment: Assessment

    def contributions(self) -> pa.Table:
        """Return every attribute's part in every figure: key, clock, attribute, dimension, log_odds, points."""
        found = self.assessment
        keys = found.rows.loc[found.figured, found.catalog.key].tolist()
        return contributions(keys, found.columns, found.clocks)


@dataclass(frozen=True)
class Scorer:
    """A model and a policy, ready to score rows of the model's catalogue.

    Attributes
    ----------
    name, digest : how the scored file calls the model, and its hash
    """

    model: Model
    policy: Policy
    name: str
    digest: str
    language: Language = Language.ZH

    def score(self, rows: pd.DataFrame, codes: pd.Series | None = None) -> Scored:
        """Return the scored rows.

        Parameters
        ----------
        rows : DataFrame of shape (n_projects, n_attributes), sound typed rows with a RangeIndex
        codes : (n_projects,) the reader's flags of each row; None = none
        """
        found = assess(rows, self.model, self.policy)
        as_filed = {name: rows[name] for name in found.catalog.attributes if name in rows.columns}
        reader = pd.Series("", index=rows.index) if codes is None else codes
        figures = _figures(found)
        headline = figures[f"p_{found.catalog.headline.value}"]
        points = np.where(found.figured, found.merit.total, np.nan)
        columns = {
            "status": np.where(found.figured, SCORED, VETOED),
            "gates": gate_cells(found.found, self.language),
            "flags": self._flags(found, reader),
            **figures,
            "merit": points,
            "expected_value": headline * points,
            "grade": grades(self.policy, headline),
            **{name: _empty(found) for name in ROUND_COLUMNS},
            **_reasons(found, self.language),
            "unlike": _distance(found),
            "model": np.full(len(rows), self.name, dtype=object),
            "model_hash": np.full(len(rows), self.digest, dtype=object),
        }
        return Scored(pd.DataFrame({**as_filed, **columns}, index=rows.index), found)

    def _flags(self, found: Assessment, codes: pd.Series) -> Texts:
        """Return what a committee should know before it trusts a row's figures, (n,)."""
        labels = {name: attribute.label for name, attribute in known_attributes(found.catalog).items()}
        columns = {Flag.UNSEEN: _unseen(found), Flag.NOT_CHECKED: found.found.open}
        columns[Flag.UNIT_SLIP] = unit_slips(found.rows, self.model.medians, found.catalog)
        columns[Flag.MERIT_BLANK] = {name: mask & found.figured for name, mask in found.merit.blank.items()}
        phrases = [naming(flag, columns[flag], labels, self.language) for flag in Flag if columns.get(flag)]
        overtaken = np.zeros(len(codes), bool)
        for explained in found.clocks.values():
            overtaken[found.figured] |= explained.overtaken
        phrases.append(saying(Flag.COHERENCE, overtaken, self.language))
        phrases.append(_doubtful(found, labels, self.language))
        return together([from_reader(codes, found.catalog, self.language), *phrases], len(codes), self.language)


def _figures(found: Assessment) -> dict[str, Floats]:
    """Return both probabilities, and base and points of the headline; a clock that the catalogue lacks stays empty."""
    empty = _empty(found)
    chances = {f"p_{clock.value}": empty for clock in (Clock.LANDED, Clock.PRODUCED)}
    for clock, explained in found.clocks.items():
        chances[f"p_{clock.value}"] = _spread(explained.figure, found)
    points = {f"points_{dimension.value}": empty for dimension in EXPLAINED}
    base = empty
    if found.headline is not None:
        base = _spread(found.headline.base, found)
        sums = by_dimension(found.headline.points, [column.dimension for column in found.columns])
        points = {f"points_{dimension.value}": _spread(share, found) for dimension, share in sums.items()}
    return {**chances, **_interval(found), "base": base, **points}


def _interval(found: Assessment) -> dict[str, Floats]:
    """Return the interval of the headline; empty where no row has a figure."""
    low = high = _empty(found)
    if found.doubt is not None:
        low, high = _spread(found.doubt.low, found), _spread(found.doubt.high, found)
    return dict(zip(interval_columns(found.catalog), (low, high), strict=True))


def _distance(found: Assessment) -> Floats:
    """Return how unlike anything known each row is, (n,)."""
    if found.doubt is None or found.doubt.unlike is None:
        return _empty(found)
    return _spread(found.doubt.unlike.distance, found)


def _doubtful(found: Assessment, labels: Mapping[str, Words], language: Language) -> Texts:
    """Return what is said of how far the model can be trusted with each row, (n,)."""
    texts = blank(len(found.figured))
    if found.doubt is not None and found.doubt.cold:
        return saying(Flag.COLD, found.figured, language)
    if found.doubt is not None and found.doubt.unlike is not None:
        unseen = {name: mask[found.figured] for name, mask in _unseen(found).items()}
        texts[found.figured] = unlikeness(found.doubt.unlike, unseen, labels, language)
    return texts


def _reasons(found: Assessment, language: Language) -> dict[str, Texts]:
    reasons = {"reasons_for": blank(len(found.figured)), "reasons_against": blank(len(found.figured))}
    if found.headline is not None:
        labels = [column.label.said(language) for column in found.columns]
        for name, sign in (("reasons_for", 1), ("reasons_against", -1)):
            best = strongest(found.headline.points, sign)
            reasons[name][found.figured] = told(best, labels, lambda c, r: found.values(c, r, language), language)
    return reasons


def _unseen(found: Assessment) -> dict[str, Mask]:
    """Return per open category the rows whose value the training never saw, (n,)."""
    masks: dict[str, Mask] = {}
    for place, column in enumerate(found.columns):
        if found.features is not None and found.features.unseen[:, place].any():
            masks[column.id] = np.zeros(len(found.figured), bool)
            masks[column.id][found.figured] = found.features.unseen[:, place]
    return masks


def _spread(figures: Floats, found: Assessment) -> Floats:
    """Return figures of the rows that have some as a column of all rows, empty elsewhere."""
    column = _empty(found)
    column[found.figured] = figures
    return column


def _empty(found: Assessment) -> Floats:
    return np.full(len(found.figured), np.nan)
