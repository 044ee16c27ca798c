"""Tables of a TOML file, read strictly: cells are taken by type, faults are collected, leftovers are unknown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

import numpy as np

from features.errors import Problem
from features.spelling import nearest
from features.words import Words

E = TypeVar("E", bound=StrEnum)

LARGEST = 1e300
LONGEST = 80  # characters of a wrong value that a message shows

TEXT = Words(zh="必须是非空文字", en="must be text that is not empty")
TEXTS = Words(zh="必须是文字列表", en="must be a list of texts")
FLAG = Words(zh="必须是 true 或 false", en="must be true or false")
NUMBER = Words(zh="必须是有限的数", en="must be a finite number")
DAY_OR_NUMBER = Words(zh="必须是数或日期（如 1995-01-01）", en="must be a number or a date such as 1995-01-01")
TABLE = Words(zh="必须是表（键 = 值）", en="must be a table (key = value)")
TABLES = Words(zh="必须写成 [[…]] 列表", en="must be a list of tables, written [[…]]")
MISSING = Words(zh="缺少此项；请补上", en="is missing; add it")


@dataclass
class Section:
    """One table of a TOML file: each cell taken is checked, and `close` reports the keys that nobody took.

    A cell that breaks its rule is noted among `problems` and read as its default, so that one pass finds every fault.

    Examples
    --------
    >>> problems = []
    >>> section = Section({"period_months": "six", "lable": "x"}, "catalogue", problems)
    >>> section.integer("period_months", 1, minimum=1), section.text("label")
    (1, '')
    >>> section.close()
    >>> for problem in problems:
    ...     print(problem)
    catalogue.period_months: must be a whole number of at least 1; got 'six'
    catalogue.lable: is not a key known here; did you mean label?
    """

    table: Mapping[str, object]
    place: str
    problems: list[Problem]
    _taken: set[str] = field(default_factory=set, init=False)

    def where(self, key: str) -> str:
        """Return the place of ``key`` as messages name it."""
        return f"{self.place}.{key}" if self.place else key

    def has(self, key: str) -> bool:
        """Return whether the file gives ``key``."""
        return key in self.table

    def fault(self, key: str, message: Words) -> None:
        """Note that ``key`` breaks a rule."""
        self.problems.append(Problem(self.where(key), message))

    def require(self, *keys: str) -> None:
        """Note each of ``keys`` that the file does not give, or gives as an empty list."""
        for key in keys:
            if key not in self.table or self.table[key] == []:
                self.fault(key, MISSING)

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        return self.optional_text(key) or default

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None where the file gives none."""
        value = self._value(key)
        if value is None:
            return None
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._wrong(key, TEXT, value)
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; one text alone is a list of one."""
        value = self._value(key)
        listed = [value] if isinstance(value, str) else value
        if listed is None:
            return ()
        if isinstance(listed, list) and all(isinstance(item, str) and item.strip() for item in listed):
            return tuple(item.strip() for item in listed)
        self._wrong(key, TEXTS, value)
        return ()

    def flag(self, key: str, default: bool = False) -> bool:
        """Return true or false."""
        value = self._value(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self._wrong(key, FLAG, value)
        return default

    def integer(self, key: str, default: int, minimum: int = 0) -> int:
        """Return a whole number of at least ``minimum``."""
        value = self._value(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and value >= minimum:
            return value
        rule = Words(zh=f"必须是不小于 {minimum} 的整数", en=f"must be a whole number of at least {minimum}")
        self._wrong(key, rule, value)
        return default

    def number(self, key: str, default: float) -> float:
        """Return a finite number."""
        value = self._value(key)
        if value is None:
            return default
        number = finite(value)
        if number is None:
            self._wrong(key, NUMBER, value)
            return default
        return number

    def limit(self, key: str) -> float | np.datetime64 | None:
        """Return a number or a day, or None where the file gives none."""
        value = self._value(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return np.datetime64(value, "D")
        number = finite(value)
        if number is None and value is not None:
            self._wrong(key, DAY_OR_NUMBER, value)
        return number

    def choice(self, key: str, kinds: type[E], default: E) -> E:
        """Return one of the members of ``kinds``."""
        value = self._value(key)
        if value is None:
            return default
        names = [member.value for member in kinds]
        if isinstance(value, str) and value in names:
            return kinds(value)
        allowed = ", ".join(names)
        self._wrong(key, Words(zh=f"必须是其中之一：{allowed}", en=f"must be one of {allowed}"), value)
        return default

    def numbers(self, key: str) -> Mapping[str, float]:
        """Return a table of finite numbers."""
        read: dict[str, float] = {}
        for name, value in self._items(key):
            number = finite(value)
            if number is None:
                self._wrong(f"{key}.{name}", NUMBER, value)
            else:
                read[name] = number
        return read

    def names(self, key: str) -> Mapping[str, str]:
        """Return a table of texts."""
        read: dict[str, str] = {}
        for name, value in self._items(key):
            if isinstance(value, str) and value.strip():
                read[name] = value.strip()
            else:
                self._wrong(f"{key}.{name}", TEXT, value)
        return read

    def label(self, key: str, default: str) -> Words:
        """Return ``key`` and ``key_en`` as words in both languages; a missing English text is the first one."""
        zh = self.text(key, default)
        return Words(zh=zh, en=self.text(f"{key}_en", zh))

    def section(self, key: str) -> "Section":
        """Return the table under ``key``, empty where the file gives none."""
        return Section(dict(self._items(key)), self.where(key), self.problems)

    def sections(self, key: str) -> "dict[str, Section]":
        """Return the tables ``[key.NAME]`` by name."""
        found: dict[str, Section] = {}
        for name, value in self._items(key):
            if isinstance(value, dict):
                found[name] = Section(value, self.where(f"{key}.{name}"), self.problems)
            else:
                self._wrong(f"{key}.{name}", TABLE, value)
        return found

    def rows(self, key: str) -> "list[Section]":
        """Return the tables ``[[key]]`` in their order."""
        value = self._value(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self._wrong(key, TABLES, value)
            return []
        return [Section(row, self.where(f"{key}[{i}]"), self.problems) for i, row in enumerate(value, start=1)]

    def raw(self, key: str) -> object:
        """Return what the file gives under ``key``, unchecked, or None; the caller judges it."""
        return self._value(key)

    def close(self) -> None:
        """Note every key that was not taken: a slip of the pen must not pass for a setting."""
        for key in self.table:
            if key not in self._taken:
                self.fault(key, _unknown(key, self._taken))

    def _value(self, key: str) -> object:
        self._taken.add(key)
        return self.table.get(key)

    def _items(self, key: str) -> Iterator[tuple[str, object]]:
        value = self._value(key)
        if isinstance(value, dict):
            yield from value.items()
        elif value is not None:
            self._wrong(key, TABLE, value)

    def _wrong(self, key: str, rule: Words, value: object) -> None:
        got = shortened(value)
        self.fault(key, Words(zh=f"{rule.zh}；实际为 {got}", en=f"{rule.en}; got {got}"))


def shortened(value: object) -> str:
    """Return ``value`` as messages show it: no message is longer than a screen."""
    shown = repr(value)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def finite(value: object) -> float | None:
    """Return a number of the file, or None where it is none, or not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= LARGEST else None  # false for nan and inf, and for integers beyond floats


def _unknown(key: str, known: set[str]) -> Words:
    meant = nearest(key, known)
    if meant is not None:
        return Words(zh=f"不是这里认识的键；是否想写 {meant}？", en=f"is not a key known here; did you mean {meant}?")
    allowed = ", ".join(sorted(known))
    return Words(zh=f"不是这里认识的键；可用：{allowed}", en=f"is not a key known here; use one of {allowed}")
