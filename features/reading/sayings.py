"""What the reader says of a cell, a row or a file: one sentence a rule, in both languages."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from features.reading.privacy import masked
from features.spelling import on_one_line
from features.words import Words

LONGEST = 40

FLAGS: Mapping[str, Words] = MappingProxyType(
    {
        "approximate": Words(zh="约数，按所写数值读取", en="an approximate figure, read as written"),
        "fraction": Words(
            zh="百分比栏中不大于 1 的数，按百分数读取，请核对", en="1 or less in a percent column, read as percent"
        ),
        "month_only": Words(zh="只写到月，按当月 1 日读取", en="only the month is given, read as its first day"),
        "code_invalid": Words(zh="代码校验位不符，请核对", en="the check digit of the code does not hold"),
        "private": Words(zh="含电话或证件号码，已隐去", en="held a telephone or identity number, which was masked"),
    }
)  # the flags of a row while reading, written "name:column"


def seen(text: str) -> str:
    """Return how a message shows what a cell holds: private numbers masked, one line, not too long.

    Examples
    --------
    >>> print(seen("13800138000"), seen("很" * 60)[-3:], seen("甲\\n乙"))
    '［已隐去］' 很…' '甲 乙'
    """
    text = on_one_line(masked(text)).replace("'", "’")
    return f"'{text[: LONGEST - 1]}…'" if len(text) > LONGEST else f"'{text}'"


def listed(items: Iterable[str], most: int = 12) -> str:
    """Return ``items`` as a list for people, private numbers masked, cut after ``most``."""
    shown = [seen(item)[1:-1] for item in items]
    return ", ".join(shown[:most]) + (" …" if len(shown) > most else "")


def _rule(zh: str, en: str, got: str) -> Words:
    return Words(zh=f"{zh.replace('｜', f'；实际为 {seen(got)}；')}", en=en.replace("|", f"; got {seen(got)}; "))


def not_a_number(got: str) -> Words:
    """The cell holds no figure."""
    return _rule(
        "必须是一个数｜请只写一个数（小数点用 .），没有则留空",
        "must be one number|write one, with a decimal point, or leave it empty",
        got,
    )


def not_finite(got: str) -> Words:
    """The cell holds a figure too large to be one."""
    return _rule("必须是有限的数｜请填写真实数值", "must be a finite number|write the real figure", got)


def not_whole(got: str) -> Words:
    """The cell holds a fraction where things are counted."""
    return _rule("必须是整数｜请填写整数", "must be a whole number|write a whole number", got)


def unit_unknown(got: str, units: Iterable[str]) -> Words:
    """The cell's unit is none of the column's."""
    known = listed(units)
    if not known:
        return _rule("本栏没有单位｜请只写数字", "the column has no unit|write the bare number", got)
    return _rule(f"单位必须是 {known} 之一｜请换算", f"the unit must be one of {known}|convert it", got)


def out_of_range(got: str, minimum: object, maximum: object) -> Words:
    """The value is outside the range of the catalogue."""
    if maximum is None:
        return _rule(f"不得小于 {minimum}｜请核对数值和单位", f"must be at least {minimum}|check value and unit", got)
    if minimum is None:
        return _rule(f"不得大于 {maximum}｜请核对数值和单位", f"must be at most {maximum}|check value and unit", got)
    return _rule(
        f"必须在 {minimum} 与 {maximum} 之间｜请核对数值和单位",
        f"must be between {minimum} and {maximum}|check value and unit",
        got,
    )


def not_a_date(got: str, day_first: bool) -> Words:
    """The cell holds no day."""
    zh, en = ("日/月/年，如 05/03/2024", "day/month/year") if day_first else ("如 2024-03-05", "as 2024-03-05")
    return _rule(f"必须是日期（{zh}）｜请改写为完整日期", f"must be a date ({en})|write the full date", got)


def not_a_flag(got: str) -> Words:
    """The cell says neither yes nor no."""
    return _rule("必须是“是”或“否”｜请改为其中之一", "must be one of yes, no|write one of them", got)


def not_a_level(got: str, levels: Iterable[str]) -> Words:
    """The cell holds none of the levels of the column."""
    known = listed(levels, most=30)
    return _rule(f"必须是 {known} 之一｜请改为其中之一", f"must be one of {known}|write one of them", got)


def error_cell(got: str) -> Words:
    """The cell holds a spreadsheet's error value."""
    return _rule("单元格是电子表格的错误值｜请修正公式", "is an error value of a spreadsheet|mend the formula", got)


def formula_cell(got: str) -> Words:
    """The cell holds a formula whose value was never stored."""
    return _rule(
        "公式没有存下结果｜请用 Excel 或 WPS 打开并保存后再提交",
        "is a formula without a stored value|open the file in Excel or WPS and save it",
        got,
    )


BLANK = Words(zh="此格必填；实际为空；请补上", en="must not be blank; got nothing; fill it in")


def in_the_future(got: str, as_of: str) -> Words:
    """The project enters after the day of the scoring."""
    return _rule(
        f"不得晚于评分日 {as_of}｜请改日期，或用更晚的 --as-of",
        f"must not be after the day of scoring {as_of}, the row lies in the future|correct it or give a later --as-of",
        got,
    )


def duplicate(got: str, line: int) -> Words:
    """The project was met before."""
    return _rule(
        f"与第 {line} 行重复｜请删去其一，或用名称区分",
        f"repeats line {line}|delete one of them, or tell them apart by name",
        got,
    )


def ragged(cells: int, headers: int) -> Words:
    """The row has another number of cells than the header."""
    return Words(
        zh=f"单元格数必须与表头一致（{headers} 个）；实际为 {cells} 个；请检查多余或缺少的分隔符、引号",
        en=f"must have as many cells as the header ({headers}); got {cells}; look for a stray delimiter or quote",
    )
