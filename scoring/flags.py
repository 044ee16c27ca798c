"""Flags: what a committee should know about a row before it trusts the row's figures, in words."""

import math
from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import Attribute, Catalog
from features.reading.sayings import FLAGS as READER_FLAGS
from features.words import Language, Words
from models.likeness import NOTHING_KNOWN, Unlike
from scoring.wording import CLAUSE, LIST, Texts, append, blank, listed

Mask = NDArray[np.bool_]

NEAR, FAR = 1_000.0, 10_000.0  # times the training median
FAR_FROM_KNOWN = 0.95  # share of the known projects that lie nearer to their own neighbours


class Flag(StrEnum):
    """A finding about a row's cells or its figures."""

    NOT_CHECKED = "not_checked"
    UNIT_SLIP = "unit_slip"
    UNSEEN = "unseen"
    UNLIKE = "unlike"
    BEYOND = "beyond"
    NOTHING_KNOWN = "nothing_known"
    COLD = "cold"
    COHERENCE = "coherence"
    MERIT_BLANK = "merit_blank"


FLAGS: Mapping[Flag, Words] = {
    Flag.NOT_CHECKED: Words("未查（红线问题未答）", "red lines not answered"),
    Flag.UNIT_SLIP: Words("疑似单位有误，请核对", "unit slip? please check"),
    Flag.UNSEEN: Words("训练中未见过的取值，按未知处理", "values never seen in training, read as unknown"),
    Flag.UNLIKE: Words("与已有结果的项目差异大", "unlike anything with a known outcome"),
    Flag.BEYOND: Words("超出已有结果的项目的取值范围", "outside what projects with a known outcome have"),
    Flag.NOTHING_KNOWN: NOTHING_KNOWN,
    Flag.COLD: Words("专家评分卡，尚无结果", "expert card, no outcomes yet"),
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


def unlikeness(unlike: Unlike, unseen: Mapping[str, Mask], labels: Mapping[str, Words], language: Language) -> Texts:
    """Return how far each row is from anything known, where it is far, and the columns outside what is known, (n,).

    A row that is not far as a whole is told its columns all the same, but for those in ``unseen``, which `Flag.UNSEEN`
    has told already.
    """
    if unlike.reason is not None:
        return saying(Flag.NOTHING_KNOWN, np.ones(len(unlike.distance), bool), language)
    far, n = unlike.distance > FAR_FROM_KNOWN, len(unlike.distance)
    names = _names(unlike.strange, labels, language, n)
    fresh = {name: mask & ~unseen.get(name, np.zeros(n, bool)) for name, mask in unlike.strange.items()}
    said = np.where(far, names, _names(fresh, labels, language, n)).astype(object)
    texts = np.where(said == "", "", FLAGS[Flag.BEYOND].said(language)).astype(object)
    texts[far] = [_nearer(share).said(language) for share in unlike.distance[far].tolist()]
    told = said != ""
    texts[told] += _colon(language) + said[told]
    return texts


def _nearer(share: float) -> Words:
    head = FLAGS[Flag.UNLIKE]
    percent = f"{math.floor(100 * share)}%"
    return Words(f"{head.zh}（{percent}的项目更接近）", f"{head.en} (farther than {percent} of past projects)")


def _names(masks: Mapping[str, Mask], labels: Mapping[str, Words], language: Language, n: int) -> Texts:
    columns = np.array([*masks.values()], dtype=np.bool_).reshape(len(masks), n).T
    return listed(columns, [labels[name].said(language) for name in masks], LIST[language])


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
