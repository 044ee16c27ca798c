"""Values as people read them: a cell as filed with its unit, a rate of the past in words, points with their sign."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Attribute, Kind
from features.words import Language, Words
from scoring.wording import Texts

Floats = NDArray[np.float64]

NOT_FILED = Words("未填", "not filed")
UNKNOWN = Words("未知", "unknown")
YES, NO = Words("是", "yes"), Words("否", "no")
ABOVE, BELOW, LEVEL = (
    Words("高于平均", "above average"),
    Words("低于平均", "below average"),
    Words("与平均相当", "average"),
)
POINTS = Words("个百分点", "percentage points")

WINDOW = re.compile(r"_\d+m$")

UNITS_EN = {  # how a unit is told in English: factor and name; one that is not here stays as the catalogue writes it
    "万元": (0.01, "million yuan"),
    "万元/亩": (10.0, "thousand yuan per mu"),
    "亩": (1.0, "mu"),
    "项": (1.0, "steps"),
    "个": (1.0, ""),
    "家": (1.0, "firms"),
    "件": (1.0, ""),
    "人": (1.0, "people"),
    "天": (1.0, "days"),
    "小时": (1.0, "hours"),
    "月": (1.0, "months"),
    "年": (1.0, "years"),
    "米": (1.0, "m"),
    "倍": (1.0, "times"),
    "吨标准煤": (1.0, "tce"),
    "吨标煤/万元": (1.0, "tce per 10,000 yuan"),
}


def figure(value: float) -> str:
    """Return a number as it is read aloud: thousands apart, no more decimals than say something.

    Examples
    --------
    >>> [figure(x) for x in (120000.0, 3.5, 527.3333, 0.08128, 0.0)]
    ['120,000', '3.5', '527.33', '0.0813', '0']
    """
    if value and abs(value) < 1:
        return f"{value:.3g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def measured(value: float, unit: str, language: Language) -> str:
    """Return a number with its unit.

    Examples
    --------
    >>> measured(6200.0, "万元", Language.ZH), measured(6200.0, "万元", Language.EN), measured(3.0, "MW", Language.EN)
    ('6,200 万元', '62 million yuan', '3 MW')
    """
    factor, name = (1.0, unit) if language is Language.ZH else UNITS_EN.get(unit, (1.0, unit))
    between = "" if name == "%" else " "
    return f"{figure(value * factor)}{between}{name}".rstrip()


def points_said(points: Sequence[float], language: Language) -> list[str]:
    """Return points of probability as percentage points with their sign.

    Examples
    --------
    >>> points_said([-0.0316, 0.1], Language.EN)
    ['-3.2 percentage points', '+10.0 percentage points']
    """
    unit = POINTS.said(language)
    return [f"{100 * share:+.1f} {unit}" for share in points]


def filed(attribute: Attribute, cells: pd.Series, language: Language) -> Texts:
    """Return the cells of one attribute that a model may read, as filed with its unit, (n,); a blank is said."""
    numbered, distinct = pd.factorize(cells)
    said = [_one(attribute, value, language) for value in distinct]
    return np.array([*said, NOT_FILED.said(language)], dtype=object)[numbered]


def recalled(feature: str, values: Floats, language: Language) -> Texts:
    """Return values of an as-of history or neighbour feature in words, (n,).

    A rate is observed against expected, 1 where nothing is known yet: it is told as above or below average. One
    outcome against another is a share; anything else is a count.
    """
    measure = WINDOW.sub("", feature.rpartition("__")[2])
    if measure.endswith("_rate"):
        said = np.select([values > 1, values < 1], [ABOVE.said(language), BELOW.said(language)], LEVEL.said(language))
    elif "_vs_" in measure:
        said = np.array([f"{value:.0%}" for value in values], dtype=object)
    else:
        said = np.array([figure(value) for value in values], dtype=object)
    return np.where(np.isnan(values), UNKNOWN.said(language), said).astype(object)


def _one(attribute: Attribute, value: float | str, language: Language) -> str:
    if attribute.kind is Kind.FLAG:
        return (YES if value else NO).said(language)
    if isinstance(value, str):
        english = dict(zip(attribute.levels, attribute.levels_en, strict=False))
        return english.get(value, value) if language is Language.EN else value
    return measured(float(value), attribute.unit, language)
