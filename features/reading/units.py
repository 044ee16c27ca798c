"""Figures as people write them: 3.5亿, 约3,500万元, 12.5%, ３５０ — one number, its unit, and how sure it is."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.catalog import Attribute
from features.reading import sayings
from features.reading.privacy import masked
from features.words import Words

# The number words of Chinese and of English sheets, as powers of ten. Longest first: 千万 is not 千 of 万.
MULTIPLES: Mapping[str, int] = {
    "万亿": 12, "千亿": 11, "百亿": 10, "十亿": 9, "千万": 7, "百万": 6, "十万": 5, "亿": 8, "万": 4, "千": 3, "百": 2,
    "billion": 9, "million": 6, "thousand": 3,
}  # fmt: skip
PERCENT: Mapping[str, float] = {"%": 1.0, "‰": 0.1}
FRACTION: Mapping[str, float] = {"小数": 100.0, "fraction": 100.0}  # what a header may say of a percent column

_FIGURE = re.compile(
    r"(?P<about>(?:大约|约为|约|近|超过|超|逾|不低于|不少于|至少|不超过|≥|≤|>=|<=|>|<|~|≈|about|approx\.?|ca\.?)?)"
    r"(?P<money>(?:人民币|rmb|cny|¥)?)"
    r"(?P<digits>[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|[+-]?\.[0-9]+)"
    r"(?P<power>(?:e[+-]?[0-9]+)?)"
    r"(?P<more>(?:余|多|\+)?)"
    r"(?P<unit>(?:[^0-9.,+\-~—–至到].*?)?)"
    r"(?P<or_so>(?:左右|以上|上下|以内|余|多|\+)?)"
)
# Blanks may part thousands and nothing else: "12 5" is two figures, and not 125.
_SEVERAL = re.compile(r"[0-9.] (?![0-9]{3}(?![0-9]))[0-9.]|[0-9]{4} [0-9]|\.[0-9]* [0-9]")
_PRIVATE_DIGITS = 11  # up to so many, digits in a numeric column are a figure, not a telephone or a card
_LONGEST = 60  # characters of the longest figure worth reading


def plain_unit(text: str) -> str:
    """Return a unit as it is compared: NFKC, without blanks, case folded."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def factors(attribute: Attribute) -> Mapping[str, float]:
    """Return what each unit that the column accepts is worth in the column's own unit.

    Beside the catalogue's units stand their multiples (万元 gives 元, 亿元, 亿 …) and, for percent, %.

    Examples
    --------
    >>> from features.catalog import Dimension, Kind
    >>> from features.words import Words
    >>> money = Attribute("v", Words("v", "v"), Kind.NUMBER, Dimension.MARKET, unit="万元", units={"万美元": 7.1})
    >>> known = factors(money)
    >>> [known[unit] for unit in ("万元", "亿元", "亿", "元", "美元")]
    [1.0, 10000.0, 10000.0, 0.0001, 0.00071]
    """
    own = plain_unit(attribute.unit)
    known = {plain_unit(unit): float(factor) for unit, factor in attribute.units.items()}
    known.setdefault(own, 1.0)
    if own in {"", "%"}:
        known = {**{unit: f * (1.0 if own else 0.01) for unit, f in PERCENT.items()}, **known}
    for unit, factor in list(known.items()):
        for other, power in _multiples(unit):
            known.setdefault(other, _shifted(factor, power))
    if own and own != "%":
        base = _leading_power(own)
        for word, power in MULTIPLES.items():
            known.setdefault(word, _shifted(1.0, power - base))
    known[""] = 1.0
    return known


def _multiples(unit: str) -> list[tuple[str, int]]:
    if not unit or "%" in unit or "‰" in unit:
        return []
    power = _leading_power(unit)
    rest = unit[len(next((w for w in MULTIPLES if unit.startswith(w)), "")) :]
    related = [(word + rest, p - power) for word, p in MULTIPLES.items() if power and rest]
    bare = [(rest, -power)] if power and rest else []
    return [*bare, *related, *((word + unit, p) for word, p in MULTIPLES.items())]


def _leading_power(unit: str) -> int:
    return next((power for word, power in MULTIPLES.items() if unit.startswith(word)), 0)


def _shifted(factor: float, power: int) -> float:
    return float(f"{factor!r}e{power}") if "e" not in repr(factor) else factor * 10.0**power


@dataclass(frozen=True)
class Scale:
    """How the bare numbers and the units of one column are read."""

    units: Mapping[str, float]
    named: tuple[str, ...]  # the units that the catalogue names
    bare: float  # what a number without a unit is worth: the unit in the header
    whole: bool
    percent: bool  # no unit named: of a figure of 1 or less, percent or fraction cannot be told apart
    minimum: float | None
    maximum: float | None


def scale_of(attribute: Attribute, header_unit: str | None) -> Scale:
    """Return how a column is read whose header names ``header_unit`` (None: the catalogue's own unit)."""
    units = factors(attribute)
    percent = plain_unit(attribute.unit) == "%"
    in_header = {**units, **(FRACTION if percent else {})}
    bare = 1.0 if header_unit is None else in_header[plain_unit(header_unit)]
    low, high = attribute.minimum, attribute.maximum
    return Scale(
        units=units,
        named=tuple(unit for unit in (attribute.unit, *attribute.units) if unit),
        bare=bare,
        whole=attribute.kind == "integer",
        percent=percent and header_unit is None,
        minimum=None if low is None else float(low),
        maximum=None if high is None else float(high),
    )


@lru_cache(maxsize=256)
def _power_of_ten(factor: float) -> int | None:
    power = round(math.log10(factor)) if factor > 0 else 0
    return power if float(f"1e{power}") == factor else None


def scaled(digits: str, factor: float) -> float:
    """Return the number ``digits`` times ``factor``; a power of ten shifts the point and rounds once.

    Examples
    --------
    >>> scaled("0.07", 10000.0), 0.07 * 10000.0
    (700.0, 700.0000000000001)
    """
    power = _power_of_ten(factor)
    if power is None:
        return float(digits) * factor
    mantissa, _, exponent = digits.partition("e")
    return float(f"{mantissa}e{int(exponent or 0) + power}")


def scaled_column(digits: pa.StringArray, factor: float) -> NDArray[np.float64]:
    """Return plain numbers (n,) times ``factor``, each as `scaled` returns it; null becomes NaN."""
    power = _power_of_ten(factor)
    shifted = pc.binary_join_element_wise(digits, f"e{power}", "") if power else digits
    values = pc.fill_null(pc.cast(shifted, pa.float64()), math.nan).to_numpy(zero_copy_only=False)
    return np.array(values, dtype=np.float64) * (factor if power is None else 1.0)


@dataclass(frozen=True)
class Figure:
    """What a cell of a numeric column says: a value, or what is wrong with it; and a flag, if any."""

    value: float = math.nan
    fault: Words | None = None
    flag: str = ""


def figure(text: str, scale: Scale) -> Figure:
    """Return what the tidy, non-missing cell ``text`` says.

    Raises nothing: what cannot be read comes back as a fault in words.

    Examples
    --------
    >>> scale = Scale({"": 1.0, "万元": 1.0, "亿": 1e4}, ("万元",), 1.0, False, percent=False, minimum=0, maximum=None)
    >>> [figure(t, scale).value for t in ("3.5亿", "3,500万元", "约12")]
    [35000.0, 3500.0, 12.0]
    >>> print(figure("-5", scale).fault)
    must be at least 0; got '-5'; check value and unit
    """
    compact = "".join(text.split()).casefold()
    match = _FIGURE.fullmatch(compact) if len(compact) <= _LONGEST else None
    if compact.lstrip("+-") in {"inf", "infinity", "nan"}:
        return Figure(fault=sayings.not_finite(text))
    if match is None or _hides_a_number(text) or _SEVERAL.search(text):
        return Figure(fault=sayings.not_a_number(text))
    if match["unit"] not in scale.units or (match["money"] and "元" not in scale.units):
        return Figure(fault=sayings.unit_unknown(text, dict.fromkeys(scale.named)))
    value = scaled(match["digits"].replace(",", "") + match["power"], _worth(match, scale))
    approximate = match["about"] or match["more"] or match["or_so"]
    flag = "approximate" if approximate else "fraction" if _like_a_fraction(value, match["unit"], scale) else ""
    return Figure(value, range_fault(text, value, scale), flag)


def _worth(match: re.Match[str], scale: Scale) -> float:
    if match["unit"]:
        return scale.units[match["unit"]]
    return scale.units["元"] if match["money"] and scale.bare == 1.0 and "元" in scale.units else scale.bare


def _like_a_fraction(value: float, unit: str, scale: Scale) -> bool:
    return scale.percent and not unit and 0.0 < value <= 1.0


def _hides_a_number(text: str) -> bool:
    return sum(c.isdigit() for c in text) > _PRIVATE_DIGITS and masked(text) != text


def range_fault(text: str, value: float, scale: Scale) -> Words | None:
    """Return what is wrong with a value that is not finite, not whole or out of range, or None."""
    if not math.isfinite(value):
        return sayings.not_finite(text)
    if scale.whole and value != math.floor(value):
        return sayings.not_whole(text)
    low, high = scale.minimum, scale.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return sayings.out_of_range(text, _shown(low), _shown(high))
    return None


def _shown(bound: float | None) -> str | None:
    return None if bound is None else f"{bound:.12g}"
