"""Days as people write them: 2024-03-05, 2024年3月5日, 2024.3.5, 20240305, 05/03/2024, Excel serials."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from features.catalog import Attribute
from features.reading import sayings
from features.words import Words

FIRST_YEAR, LAST_YEAR = 1950, 2100
_SERIAL_ZERO = date(1899, 12, 30)  # day 0 of Excel's 1900 calendar, its false 29 February 1900 included
_SERIALS = range((date(FIRST_YEAR, 1, 1) - _SERIAL_ZERO).days, (date(LAST_YEAR, 12, 31) - _SERIAL_ZERO).days + 1)

_TIME = r"(?:[T ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}|AM|PM))?)?"
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})[日号]?" + _TIME, re.I | re.A
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})" + _TIME, re.I | re.A)
# 2024.1 is no month: a spreadsheet that takes 2024.10 for a number cuts October short.
_MONTH = re.compile(r"(\d{4})(?:年(\d{1,2})月份?|[-/](\d{1,2})|\.(\d{2}|[2-9]))", re.A)
_DAY_FIRST = re.compile(r"(\d{1,2})(?:/(\d{1,2})/|-(\d{1,2})-|\.(\d{1,2})\.)(\d{4})" + _TIME, re.I | re.A)
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]?([a-z]{3})[a-z]*\.?,?[ -]?(\d{4})" + _TIME, re.I | re.A)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.A)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Day:
    """What a cell of a date column says: a day, or what is wrong with it; and a flag, if any."""

    value: date | None = None
    fault: Words | None = None
    flag: str = ""


def day(text: str, attribute: Attribute, day_first: bool) -> Day:
    """Return the day that the tidy, non-missing cell ``text`` says; a time of day is dropped.

    A month alone is its first day, flagged. Day-first dates are read only where the catalogue says so: elsewhere
    05/03/2024 could be either, and what is ambiguous is asked, not guessed.

    Examples
    --------
    >>> from features.catalog import Dimension, Kind
    >>> from features.words import Words
    >>> start = Attribute("start", Words("开工", "start"), Kind.DATE, Dimension.OUTCOME)
    >>> for text in ("2024年3月5日", "20240305", "45356", "2024-3-5 00:00:00"):
    ...     print(day(text, start, day_first=False).value)
    2024-03-05
    2024-03-05
    2024-03-05
    2024-03-05
    >>> print(day("05/03/2024", start, day_first=True).value, day("05/03/2024", start, day_first=False).value)
    2024-03-05 None
    >>> day("2024年3月", start, day_first=False)
    Day(value=datetime.date(2024, 3, 1), fault=None, flag='month_only')
    """
    parts, flag = _parts(text, day_first)
    value = _valid(parts) if parts else _from_serial(text)
    if value is None:
        return Day(fault=sayings.not_a_date(text, day_first))
    fault = _range_fault(text, value, attribute)
    return Day(None, fault) if fault else Day(value, None, flag)


def _parts(text: str, day_first: bool) -> tuple[tuple[int, int, int] | None, str]:
    compact = re.sub(r" ?([年月日号./-]) ?", r"\1", text) if " " in text else text
    for pattern in (_YEAR_FIRST, _COMPACT):
        if match := pattern.fullmatch(compact):
            return _numbers(match), ""
    if match := _MONTH.fullmatch(compact):
        year, month = (int(group) for group in match.groups() if group)
        return (year, month, 1), "month_only"
    if match := _NAMED.fullmatch(compact):
        named, month_name, year_text = match.groups()
        found = _MONTHS.index(month_name.lower()) + 1 if month_name.lower() in _MONTHS else 0
        return (int(year_text), found, int(named)), ""
    if day_first and (match := _DAY_FIRST.fullmatch(compact)):
        number, month, year = _numbers(match)
        return (year, month, number), ""
    return None, ""


def _numbers(match: re.Match[str]) -> tuple[int, int, int]:
    first, second, third = (int(group) for group in match.groups() if group)
    return first, second, third


def _valid(parts: tuple[int, int, int]) -> date | None:
    try:
        return date(*parts)
    except ValueError:
        return None


def _from_serial(text: str) -> date | None:
    match = _SERIAL.fullmatch(text)
    return _SERIAL_ZERO + timedelta(days=int(match[1])) if match and int(match[1]) in _SERIALS else None


def _range_fault(text: str, value: date, attribute: Attribute) -> Words | None:
    low = f"{FIRST_YEAR}-01-01" if attribute.minimum is None else str(attribute.minimum)[:10]
    high = f"{LAST_YEAR}-12-31" if attribute.maximum is None else str(attribute.maximum)[:10]
    return None if low <= value.isoformat() <= high else sayings.out_of_range(text, low, high)
