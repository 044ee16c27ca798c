"""What a model may read: one feature per column, named, typed, and frozen with the levels it was trained on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import EXPLAINED, Attribute, Catalog, Clock, Dimension, Kind, Known
from features.errors import CatalogError, Problem
from features.history.measures import history_columns, neighbour_columns
from features.spelling import folded
from features.words import Words

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Feature:
    """One column of the matrix.

    Parameters
    ----------
    id : plain ASCII, the name in the model
    label, dimension : what people read, and the side of the project it speaks of
    categorical : whether the column holds codes of ``levels``
    levels : levels met in training, sorted; empty for numbers
    directions, weights : monotone direction and expert weight per clock, where the catalogue names one
    transform : how a linear card reads the number
    typical : what a low and a high project have, in the attribute's unit, where the catalogue tells
    """

    id: str
    label: Words
    dimension: Dimension
    categorical: bool = False
    levels: tuple[str, ...] = ()
    directions: Mapping[Clock, int] = field(default_factory=dict)
    weights: Mapping[Clock, float] = field(default_factory=dict)
    transform: str = "identity"
    typical: tuple[float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the feature as JSON can hold it."""
        return {
            "id": self.id,
            "label": {"zh": self.label.zh, "en": self.label.en},
            "dimension": self.dimension.value,
            "categorical": self.categorical,
            "levels": list(self.levels),
            "directions": {clock.value: sign for clock, sign in self.directions.items()},
            "weights": {clock.value: weight for clock, weight in self.weights.items()},
            "transform": self.transform,
            "typical": None if self.typical is None else list(self.typical),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Feature":
        """Return the feature that `to_dict` wrote."""
        return cls(
            id=data["id"],
            label=Words(**data["label"]),
            dimension=Dimension(data["dimension"]),
            categorical=data["categorical"],
            levels=tuple(data["levels"]),
            directions={Clock(clock): sign for clock, sign in data["directions"].items()},
            weights={Clock(clock): weight for clock, weight in data["weights"].items()},
            transform=data["transform"],
            typical=_pair(data["typical"]),
        )


@dataclass(frozen=True)
class Features:
    """The matrix a model reads.

    Parameters
    ----------
    matrix : float64 array of shape (n_projects, n_features), C-contiguous
        Categories as codes of their levels, ordinals as ranks from 0, flags as 0 and 1; NaN = missing, or never met.
    columns : the n_features
    unseen : bool array of shape (n_projects, n_features), a level that training never met
    """

    matrix: Floats
    columns: tuple[Feature, ...]
    unseen: Mask


def candidates(catalog: Catalog) -> tuple[Feature, ...]:
    """Return every feature the catalogue allows: filed, derived, histories, neighbours, each in its order.

    Raises
    ------
    CatalogError
        A derived attribute or a family reads a column that no model may read. Names every one.
    """
    problems = [*_forbidden(catalog)]
    if problems:
        raise CatalogError(_LEAK, problems)
    filed = [_filed(attribute) for attribute in _readable(catalog)]
    history = [Feature(c.id, c.label, c.family.dimension) for c in history_columns(catalog)]
    neighbours = [Feature(c.id, c.label, c.family.dimension) for c in neighbour_columns(catalog)]
    return (*filed, *history, *neighbours)


def filed_candidates(catalog: Catalog) -> tuple[Feature, ...]:
    """Return the filed and derived features that the catalogue allows, with the levels it declares."""
    levels = {attribute.id: pd.Series(attribute.levels, dtype="str") for attribute in _readable(catalog)}
    return tuple(frozen(feature, levels[feature.id]) for feature in candidates(catalog) if feature.id in levels)


def chosen(features: tuple[Feature, ...], only: tuple[str, ...] | None, catalog: Catalog) -> tuple[Feature, ...]:
    """Return the features asked for, in the order of the catalogue.

    Raises
    ------
    CatalogError
        One asked for is not allowed, or not there; each is named.
    """
    if only is None:
        return features
    allowed = {feature.id for feature in features}
    wrong = [Problem(name, _why_not(name, catalog)) for name in only if name not in allowed]
    if wrong:
        raise CatalogError(_LEAK, wrong)
    return tuple(feature for feature in features if feature.id in only)


def frozen(feature: Feature, column: pd.Series) -> Feature:
    """Return the feature with the levels of a training column, sorted; spellings that fold alike are one level."""
    if not feature.categorical:
        return feature
    spelled = sorted(set(column.dropna().astype(str)), reverse=True)
    levels = {folded(level): level for level in spelled}  # the last, and so the least, spelling stands
    return replace(feature, levels=tuple(levels[name] for name in sorted(levels) if name))


def encode(feature: Feature, column: pd.Series, catalog: Catalog) -> tuple[Floats, Mask]:
    """Return a typed column as numbers, and which cells hold a level never met; both of shape (n_projects,)."""
    if feature.categorical:
        return _codes(column, feature.levels)
    attribute = catalog.attributes.get(feature.id)
    if attribute is not None and attribute.kind is Kind.ORDINAL:
        return _codes(column, attribute.levels)
    return column.to_numpy(dtype=np.float64), np.zeros(len(column), dtype=np.bool_)


def _codes(column: pd.Series, levels: tuple[str, ...]) -> tuple[Floats, Mask]:
    code = {folded(level): float(i) for i, level in enumerate(levels)}
    place, met = pd.factorize(column)
    blank = [folded(str(level)) == "" for level in met]
    values = np.array([*(code.get(folded(str(level)), np.nan) for level in met), np.nan])
    named = np.array([*(not empty for empty in blank), False])
    return values[place], np.isnan(values[place]) & named[place]


def _filed(attribute: Attribute) -> Feature:
    return Feature(
        id=attribute.id,
        label=attribute.label,
        dimension=attribute.dimension,
        categorical=attribute.kind is Kind.CATEGORY,
        directions=dict(attribute.directions),
        weights=dict(attribute.weights),
        transform=attribute.transform,
        typical=attribute.typical,
    )


def _pair(figures: list[float] | None) -> tuple[float, float] | None:
    return None if figures is None else (float(figures[0]), float(figures[1]))


def _readable(catalog: Catalog) -> list[Attribute]:
    """Return the filed and the derived attributes that a model may read, each once."""
    derived = {d.attribute.id: d.attribute for d in catalog.derived if d.attribute.id not in catalog.attributes}
    return [attribute for attribute in {**catalog.attributes, **derived}.values() if attribute.is_feature]


def _forbidden(catalog: Catalog) -> Iterator[Problem]:
    """Yield each column that a derived attribute or a family reads, and no model may."""
    reads: list[tuple[str, tuple[str, ...]]] = [
        (d.attribute.id, d.of) for d in catalog.derived if d.attribute.is_feature
    ]
    reads += [("_".join(family.by), family.by) for family in catalog.histories]
    reads += [("near", tuple(filter(None, (f.x, f.y, f.same)))) for f in catalog.neighbours]
    for reader, columns in reads:
        for column in columns:
            attribute = catalog.attributes.get(column)
            if attribute is None or attribute.known is Known.LATER or attribute.dimension not in EXPLAINED:
                yield Problem(f"{reader} ({column})", _why_not(column, catalog))


def _why_not(name: str, catalog: Catalog) -> Words:
    attribute = catalog.attributes.get(name)
    reasons: list[tuple[Callable[[Attribute], bool], Words]] = [
        (
            lambda a: a.known is Known.LATER or a.dimension is Dimension.OUTCOME,
            Words(zh="评审之后才知道", en="is known only after the review"),
        ),
        (
            lambda a: a.dimension is Dimension.AUDIT_ONLY,
            Words(zh="仅供审计，不得进入模型", en="is for audit only and never reaches a model"),
        ),
        (lambda a: a.dimension is Dimension.GATE, Words(zh="由政策门槛读取", en="is read by the policy's gates")),
    ]
    if attribute is None:
        why = Words(zh="目录中没有这一列", en="is not in the catalogue")
    else:
        why = next((words for rule, words in reasons if rule(attribute)), _NO_NUMBER)
    return Words(
        zh=f"不得作为特征：{why.zh}；请从目录或请求中删去", en=f"cannot be a feature: it {why.en}; leave it out"
    )


_NO_NUMBER = Words(zh="既不是数也不是等级", en="is neither a number nor a level")
_LEAK = Words(zh="以下各列不得进入模型：", en="these columns may not reach a model:")
