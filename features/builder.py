"""The builder: typed rows become the matrix that models read, the same for one row as for a million."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd

from features.catalog import Catalog
from features.derive import derive
from features.filing import Volatile, as_filed, dated, volatile_ids
from features.history.event_index import EventIndex
from features.history.families import history_features
from features.history.neighbours import neighbour_features
from features.inputs import Feature, Features, Mask, candidates, chosen, encode, filed_candidates, frozen
from features.timeline import Timeline, trace
from features.words import Words

__all__ = ["Feature", "FeatureBuilder", "Features"]


class FeatureBuilder:
    """Turn rows into features: attributes, derived ones, as-of history and neighbours.

    Parameters
    ----------
    catalog : what the columns mean
    volatile : "auto" | "drop" | "keep", what training does with attributes that ledgers overwrite
    salt : key of the hashes in the event index, at most 64 bytes
    only : ids to build on; None = all that the catalogue allows

    Attributes
    ----------
    columns_ : the features, in the order of the catalogue whatever the order of the file
    index_ : the past projects that history is counted from
    warnings_ : what was left out, and why
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        volatile: str = Volatile.AUTO,
        salt: bytes = b"luodi",
        only: tuple[str, ...] | None = None,
    ) -> None:
        """Keep the settings as they are, as scikit-learn clones them."""
        self.catalog = catalog
        self.volatile = volatile
        self.salt = salt
        self.only = only

    def get_params(self, *, deep: bool = True) -> dict[str, Any]:
        """Return the settings as scikit-learn's ``clone`` asks for them; to inherit from it would slow every start."""
        return {"catalog": self.catalog, "volatile": self.volatile, "salt": self.salt, "only": self.only}

    @classmethod
    def cold(cls, catalog: Catalog, *, as_of: np.datetime64) -> Self:
        """Return a builder that has met no project: every attribute the catalogue allows, and no history.

        Attributes that ledgers overwrite are kept, as nothing was overwritten yet. A category has the levels that the
        catalogue declares, and where it declares none, every value is one never met.

        Parameters
        ----------
        as_of : the day of which the empty index speaks

        Examples
        --------
        >>> from features.catalogs.reader import read_catalog
        >>> builder = FeatureBuilder.cold(read_catalog("repd"), as_of=np.datetime64("2024-07-01"))
        >>> [feature.id for feature in builder.columns_][:3], builder.index_.entry.size
        (['region', 'country', 'x'], 0)
        """
        builder = cls(catalog, volatile=Volatile.KEEP)
        nobody = pd.DataFrame(index=range(0))
        builder.index_ = EventIndex.build(nobody, trace(nobody, catalog, as_of=as_of), catalog, builder.salt)
        builder.columns_ = filed_candidates(catalog)
        builder.warnings_ = ()
        return builder

    def fit(self, rows: pd.DataFrame, timeline: Timeline) -> Self:
        """Freeze features and levels from the admitted rows, and keep their history.

        Parameters
        ----------
        rows : DataFrame of shape (n_projects, ...), typed
        timeline : their lives, as of the day of training

        Raises
        ------
        CatalogError
            The catalogue or ``only`` names a column that no model may read.
        """
        allowed = chosen(candidates(self.catalog), self.only, self.catalog)
        admitted = np.flatnonzero(timeline.admitted)
        filed = as_filed(rows, self.catalog, Volatile(self.volatile))
        taken = filed.iloc[admitted].reset_index(drop=True)
        self.index_ = EventIndex.build(filed, timeline, self.catalog, self.salt)
        values = self._values(taken, self.index_)
        told = [f for f in allowed if f.id in values and values[f.id].nunique(dropna=False) > 1]
        self.columns_ = tuple(frozen(feature, values[feature.id]) for feature in told)
        self.warnings_ = self._warnings(allowed, rows.iloc[admitted])
        return self

    def transform(self, rows: pd.DataFrame, index: EventIndex | None = None) -> Features:
        """Return the features of rows that are the filings themselves.

        Parameters
        ----------
        rows : DataFrame of shape (n_projects, ...), typed; a column that is absent is missing throughout
        index : past projects to count history from; None = those of training

        Returns
        -------
        Features of shape (n_projects, n_features)
        """
        values = self._values(rows, self.index_ if index is None else index)
        absent = pd.Series(np.full(len(rows), np.nan), index=rows.index)
        matrix = np.full((len(rows), len(self.columns_)), np.nan)
        unseen: Mask = np.zeros(matrix.shape, dtype=np.bool_)
        for j, feature in enumerate(self.columns_):
            matrix[:, j], unseen[:, j] = encode(feature, values.get(feature.id, absent), self.catalog)
        return Features(matrix, self.columns_, unseen)

    def replay(self, rows: pd.DataFrame, index: EventIndex | None = None) -> Features:
        """Return the features of rows of a ledger: what was overwritten since the filing is left blank."""
        return self.transform(as_filed(rows, self.catalog, Volatile(self.volatile)), index)

    def fit_transform(self, rows: pd.DataFrame, timeline: Timeline) -> Features:
        """Return the features of the rows of a history file, all of them, fitted on those admitted."""
        return self.fit(rows, timeline).replay(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return all that was fitted but the index, as JSON can hold it."""
        return {
            "volatile": str(self.volatile),
            "salt": self.salt.hex(),
            "only": None if self.only is None else list(self.only),
            "columns": [feature.to_dict() for feature in self.columns_],
            "warnings": [{"zh": words.zh, "en": words.en} for words in self.warnings_],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], catalog: Catalog, index: EventIndex) -> Self:
        """Return the builder that `to_dict` wrote, with its index.

        Raises
        ------
        ValueError
            It is no builder of this catalogue: a column that is none of its features, or levels out of order.
        """
        only = None if data["only"] is None else tuple(data["only"])
        builder = cls(catalog, volatile=Volatile(data["volatile"]), salt=bytes.fromhex(data["salt"]), only=only)
        builder.index_ = index
        builder.columns_ = _allowed(tuple(Feature.from_dict(feature) for feature in data["columns"]), catalog)
        builder.warnings_ = tuple(Words(**words) for words in data["warnings"])
        return builder

    def _values(self, rows: pd.DataFrame, index: EventIndex) -> Mapping[str, pd.Series]:
        """Return every column that a feature may come from, by id."""
        filed = derive(rows, self.catalog)
        history = history_features(index, filed, self.catalog)
        neighbours = neighbour_features(index, filed, self.catalog)
        return {str(name): table[name] for table in (filed, history, neighbours) for name in table}

    def _warnings(self, allowed: tuple[Feature, ...], rows: pd.DataFrame) -> tuple[Words, ...]:
        kept = {feature.id for feature in self.columns_}
        dropped = [feature for feature in allowed if feature.id not in kept]
        overwritten = [f for f in dropped if f.id in volatile_ids(self.catalog) and f.id in rows]
        undated = self.volatile == Volatile.AUTO and not dated(rows, self.catalog).any()
        told = [_undated(overwritten)] if undated and overwritten else []
        rest = [f for f in dropped if not (undated and f in overwritten)]
        return (*told, *([_uninformative(rest)] if rest else []))


def _allowed(features: tuple[Feature, ...], catalog: Catalog) -> tuple[Feature, ...]:
    """Return features that were read from a file, each as the catalogue has it but for the levels met in training."""
    known = {feature.id: feature for feature in candidates(catalog)}
    if len({feature.id for feature in features}) < len(features):
        raise ValueError("a column stands twice")
    for feature in features:
        if replace(feature, levels=()) != known.get(feature.id):
            raise ValueError(f"column {feature.id}: must be one of the catalogue's, with its directions and weights")
        if feature != frozen(feature, pd.Series(feature.levels, dtype="str")):
            raise ValueError(f"column {feature.id}: its levels must differ, and stand in their order")
        if feature.levels and not feature.categorical:
            raise ValueError(f"column {feature.id}: is no category, and yet has levels")
    return features


def _undated(features: list[Feature]) -> Words:
    zh, en = _named(features)
    return Words(
        zh=f"台账会改写以下属性，文件没有注明申报时点的快照，未用于训练：{zh}；请提供带申报日期的快照",
        en=f"ledgers overwrite these attributes and the file has no dated snapshot of the filing; left out: {en};"
        " train from snapshots that say when they were filed",
    )


def _uninformative(features: list[Feature]) -> Words:
    zh, en = _named(features)
    return Words(
        zh=f"以下属性在历史文件中没有或只有一个值，未采用：{zh}",
        en=f"these attributes are not in the history, or have one value throughout; left out: {en}",
    )


def _named(features: list[Feature]) -> tuple[str, str]:
    return "、".join(f.label.zh for f in features), ", ".join(f.label.en for f in features)
