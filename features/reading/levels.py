"""Words as people write them: yes and no, the levels of a scale, and the many spellings of "not known"."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from features.catalog import Attribute, Kind
from features.reading import sayings
from features.spelling import folded
from features.words import Words

MISSING = frozenset(
    {
        *("/", "\\", "//", "-", "--", "---", "—", "——", "–", "―", "*", "."),
        *("无", "暂无", "待定", "未定", "未知", "不详", "不适用", "未填", "空"),
        *("n/a", "n.a.", "none", "null", "tbd", "tbc", "unknown"),
    }
)  # folded; what files write for "not known", in any column
NOT_A_VALUE = frozenset({"na"})  # beside them where no word can be a value: numbers, days, flags
ERRORS = frozenset(
    {"#ref!", "#n/a", "#div/0!", "#value!", "#name?", "#null!", "#num!", "#spill!", "#calc!", "#getting_data"}
)  # folded; what a spreadsheet shows where a formula failed

YES = frozenset(["是", "有", "真", "已", "y", "yes", "true", "t", "1", "1.0", "√", "✓", "✔", "☑"])
NO = frozenset(["否", "没有", "未", "假", "非", "不是", "n", "no", "false", "f", "0", "0.0", "×", "✗", "✘", "x", "☐"])


@dataclass(frozen=True)
class Vocabulary:
    """The words of one column: what each folded spelling means, and which ones mean nothing."""

    meaning: Mapping[str, str]
    missing: frozenset[str]


def vocabulary(attribute: Attribute) -> Vocabulary:
    """Return the words of a column. A level that reads like "none" is a level: levels win over missing."""
    spelled = {folded(level): level for level in attribute.levels}
    for english, level in zip(attribute.levels_en, attribute.levels, strict=False):
        spelled.setdefault(folded(english), level)
    spelled.update({folded(said): level for said, level in attribute.synonyms.items()})
    missing = {*MISSING, *(folded(word) for word in attribute.missing)}
    if attribute.kind in {Kind.NUMBER, Kind.INTEGER, Kind.FLAG, Kind.DATE}:
        missing |= NOT_A_VALUE
    return Vocabulary(spelled, frozenset(missing - set(spelled)))


@dataclass(frozen=True)
class Level:
    """What a cell of a category, ordinal or flag column says: a value, None for not known, or what is wrong."""

    value: str | float | None = None
    fault: Words | None = None
    flag: str = ""


def level(text: str, attribute: Attribute, words: Vocabulary) -> Level:
    """Return which of the column's levels the tidy cell ``text`` names.

    Examples
    --------
    >>> from features.catalog import Dimension
    >>> proof = Attribute("proof", Words("资金证明", "proof"), Kind.ORDINAL, Dimension.CAPITAL_STRENGTH,
    ...     levels=("无", "口头", "资金到账"), levels_en=("none", "spoken", "in place"))
    >>> words = vocabulary(proof)
    >>> [level(text, proof, words).value for text in ("无", "In Place", "/")]
    ['无', '资金到账', None]
    >>> print(level("口述", proof, words).fault)
    must be one of 无, 口头, 资金到账; got '口述'; write one of them
    """
    key = folded(text)
    for spelling in (key, key.replace(" ", "")):
        if spelling in words.meaning:
            return Level(words.meaning[spelling])
    if key in words.missing:
        return Level()
    return Level(fault=sayings.not_a_level(text, attribute.levels))


def flag(text: str, words: Vocabulary) -> Level:
    """Return 1.0 for yes, 0.0 for no, NaN for not known.

    Examples
    --------
    >>> words = Vocabulary({}, MISSING)
    >>> [flag(text, words).value for text in ("是", "No", "√", "/")]
    [1.0, 0.0, 1.0, nan]
    """
    key = folded(text)
    key = folded(words.meaning.get(key, key))
    if key in words.missing:
        return Level(math.nan)
    if key in YES or key in NO:
        return Level(1.0 if key in YES else 0.0)
    return Level(fault=sayings.not_a_flag(text))
