"""Flags: what a committee should know about a row before it trusts the row's figures, in words."""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Attribute, Catalog
from features.reading.sayings import FLAGS as READER_FLAGS
from features.words import Language, Words
from scoring.wording import CLAUSE, LIST, Texts, append, blank, listed

Mask = NDArray[np.bool_]

NEAR, FAR = 1_000.0, 10_000.0  # times the training median


class Flag(StrEnum):
    """A finding about a row's cells or its figures."""

    NOT_CHECKED = "not_checked"
    UNIT_SLIP = "unit_slip"
    UNSEEN = "unseen"
    COHERENCE = "coherence"
    MERIT_BLANK = "merit_blank"


FLAGS: Mapping[Flag, Words] = {
    Flag.NOT_CHECKED: Words("未查（红线问题未答）", "red lines not answered"),
    Flag.UNIT_SLIP: Words("疑似单位有误，请核对", "unit slip? please check"),
    Flag.UNSEEN: Words("训练中未见过的取值，按未知处理", "values never seen in training, read as unknown"),
    Flag.COHERENCE: Words(
        "落地概率不得低于同期投产概率，取后者", "the chance of landing takes that of production by the same month"
    ),
    Flag.MERIT_BLANK: Words("评分项未填，按 0 分计", "not filed, 0 points of merit"),
}


def naming(flag: Flag, masks: Mapping[str, Mask], labels: Mapping[str, Words], language: Language) -> Texts:
    """Return a flag with the columns it speaks of, (n,); empty where no mask holds.

    Parameters
    ----------
    masks : per column id, (n,)
    labels : per column id
    """
    columns = np.stack(list(masks.values()), axis=1)
    texts = listed(columns, [labels[column].said(language) for column in masks], LIST[language])
    told = texts != ""
    texts[told] = f"{FLAGS[flag].said(language)}{_colon(language)}" + texts[told]
    return texts


def saying(flag: Flag, mask: Mask, language: Language) -> Texts:
    """Return a flag on the rows of a mask, (n,)."""
    return np.where(mask, FLAGS[flag].said(language), "").astype(object)


def together(phrases: list[Texts], n: int, language: Language) -> Texts:
    """Return the phrases of each row joined in order, (n,)."""
    texts = blank(n)
    for phrase in phrases:
        told = phrase != ""
        append(texts, told, phrase[told], CLAUSE[language])
    return texts


def from_reader(codes: pd.Series, catalog: Catalog, language: Language) -> Texts:
    """Return the reader's flags, written "name:column; name:column", in words, (n,).

    A flag that nobody has words for is shown as it is: nothing is dropped in silence.
    """
    numbered, distinct = pd.factorize(codes.fillna("").astype(object))
    said = np.array([_reader_words(cell, catalog, language) for cell in distinct], dtype=object)
    return said[numbered] if len(codes) else blank(0)


def unit_slips(rows: pd.DataFrame, medians: Mapping[str, float], catalog: Catalog) -> Mapping[str, Mask]:
    """Return per number the rows that stand so far from its training median that the unit is likelier wrong.

    Between 万元 and 元 lie four powers of ten, and a value that far from the median is told in every column. Where the
    catalogue itself knows units a thousandfold apart, so much is enough: a project of a tenth of the usual size that
    slips by ten thousand stands a thousand times above the median.
    """
    return {
        name: _slipped(rows[name].to_numpy(np.float64), median, _limit(catalog.attributes[name]))
        for name, median in medians.items()
        if name in rows.columns and name in catalog.attributes and median > 0
    }


def _limit(attribute: Attribute) -> float:
    factors = attribute.units.values()
    return NEAR if factors and max(factors) >= NEAR * min(factors) else FAR


def _slipped(cells: NDArray[np.float64], median: float, times: float) -> Mask:
    size = np.abs(cells)
    return np.asarray((size >= times * median) | ((size > 0) & (size * times <= median)))


def _reader_words(cell: str, catalog: Catalog, language: Language) -> str:
    return CLAUSE[language].join(_one(code.strip(), catalog, language) for code in cell.split(";") if code.strip())


def _one(code: str, catalog: Catalog, language: Language) -> str:
    name, _, column = code.partition(":")
    if name not in READER_FLAGS:
        return code
    label = catalog.attributes[column].label.said(language) if column in catalog.attributes else column
    said = READER_FLAGS[name].said(language)
    return f"{label}{_colon(language)}{said}" if label else said


def _colon(language: Language) -> str:
    return "：" if language is Language.ZH else ": "
