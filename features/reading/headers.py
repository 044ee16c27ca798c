"""The header of a sheet: which row it is, and which attribute each of its cells names."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise

from features.catalog import Attribute, Catalog, Kind
from features.reading.grids import Row, is_blank
from features.reading.privacy import is_private_header, masked
from features.reading.units import FRACTION, factors, plain_unit
from features.spelling import folded, on_one_line

DEEPEST = 40  # rows that are not blank in which the header is looked for

_BRACKETED = re.compile(r"^(?P<name>.+?)\s*[(\[【〔{](?P<inside>[^()\[\]]*)[)\]】〕}]\s*$")
_MEASURED = frozenset({Kind.NUMBER, Kind.INTEGER})


class Fit(IntEnum):
    """How a header names an attribute, the surest first."""

    LABEL = 0  # by id or label
    ALIAS = 1
    UNIT = 2  # by a name and an accepted unit
    REMARK = 3  # by a name and a remark in brackets


@dataclass(frozen=True)
class Heading:
    """One column of a file that the catalogue knows."""

    position: int  # 0-based
    header: str  # as in the file, on one line
    attribute: Attribute
    unit: str | None  # the unit in the header, None = the catalogue's own
    fit: Fit


@dataclass(frozen=True)
class Match:
    """What one header may mean: one attribute is an answer, several are a question."""

    ids: tuple[str, ...]
    unit: str | None
    fit: Fit
    strange_unit: str = ""  # in brackets after a measured column's name, and no unit of it


def bare(header: str) -> str:
    """Return a header as it is compared: width, case, blanks and punctuation do not count.

    Examples
    --------
    >>> bare("Planning Permission  Granted"), bare("计划总投资 （万元）"), bare("*占比(%)")
    ('planningpermissiongranted', '计划总投资万元', '占比%')
    """
    return re.sub(r"[^\w%‰]|_", "", folded(header))


def one_line(header: str) -> str:
    """Return a header cell on one line."""
    return on_one_line(header)


def readable(catalog: Catalog) -> Mapping[str, Attribute]:
    """Return every attribute that a file may hold: the catalogue's own, then the derived ones."""
    derived = {d.attribute.id: d.attribute for d in catalog.derived if d.attribute.id not in catalog.attributes}
    return {**catalog.attributes, **derived}


class Names:
    """Every header that the catalogue accepts, and what it means."""

    def __init__(self, catalog: Catalog) -> None:
        """Write down what each id, label and alias means, alone and with each unit of its column."""
        self.attributes = readable(catalog)
        self._told: dict[str, Match | None] = {}
        self._meanings: dict[Fit, dict[str, dict[str, str | None]]] = {  # fit -> bare -> id -> unit
            fit: defaultdict(dict) for fit in (Fit.LABEL, Fit.ALIAS, Fit.UNIT)
        }
        for attribute in self.attributes.values():
            labels = (attribute.id, attribute.label.zh, attribute.label.en)
            # A header that may mean several is an alias of each: two answers are a question, one unit may settle it.
            asked = (header for header, ids in catalog.ambiguous.items() if attribute.id in ids)
            aliases = (*attribute.aliases, *asked)
            self._add(Fit.LABEL, attribute.id, labels, None)
            self._add(Fit.ALIAS, attribute.id, aliases, None)
            if attribute.kind in _MEASURED:
                for unit in accepted_units(attribute):
                    named = (name + unit for name in (*labels, *aliases))
                    self._add(Fit.UNIT, attribute.id, named, unit)

    def _add(self, fit: Fit, attribute_id: str, names: Iterable[str], unit: str | None) -> None:
        for name in names:
            self._meanings[fit][bare(name)].setdefault(attribute_id, unit)

    def match(self, header: str) -> Match | None:
        """Return what ``header`` means, or None where the catalogue does not know it."""
        if header not in self._told:  # forty rows are looked at for a header, and most cells come again
            self._told[header] = self._meant(header)
        return self._told[header]

    def _meant(self, header: str) -> Match | None:
        found = self._known(header)
        bracketed = _BRACKETED.match(unicodedata.normalize("NFKC", one_line(header)))
        if found or bracketed is None:
            return found
        within = self._known(bracketed["name"])
        if within is None:
            return None
        measured = any(self.attributes[i].kind in _MEASURED for i in within.ids) and within.unit is None
        strange = bracketed["inside"] if measured and not _is_remark(bracketed["inside"]) else ""
        return Match(within.ids, within.unit, Fit.REMARK, strange)

    def _known(self, header: str) -> Match | None:
        plain = bare(header)
        for fit, meanings in self._meanings.items():
            if plain and plain in meanings:
                units = meanings[plain]
                return Match(tuple(units), next(iter(units.values())), fit)
        return None


def accepted_units(attribute: Attribute) -> tuple[str, ...]:
    """Return the units that a header of the column may name."""
    percent = FRACTION if plain_unit(attribute.unit) == "%" else {}
    return tuple(unit for unit in (*factors(attribute), *percent) if unit)


def _is_remark(inside: str) -> bool:
    return re.fullmatch(r"必填|选填|可选|required|optional|单位", "".join(inside.split()).casefold()) is not None


@dataclass(frozen=True)
class Header:
    """The header of a sheet before it is judged."""

    line: int
    cells: tuple[str, ...]
    matches: Mapping[int, Match]  # by position
    titles: int  # rows above it that are not blank


def find_header(rows: Sequence[Row], names: Names) -> Header | None:
    """Return the row of ``rows`` that names most attributes, or None where none names any.

    A header in two tiers (a group above, its columns below) is read as one where that names more.
    """
    candidates = [_header(line, cells, names, at) for at, (line, cells) in enumerate(rows)]
    tiers = [
        _header(lower[0], _tiered(upper[1], lower[1]), names, at)
        for at, (upper, lower) in enumerate(pairwise(rows))
        if lower[0] == upper[0] + 1
    ]
    best = max([*candidates, *tiers], key=lambda header: len(header.matches), default=None)
    if best is None or not best.matches:
        return None
    found = _first_section(candidates, best)
    return replace(found, cells=tuple(masked(one_line(cell)) for cell in found.cells))


def _first_section(candidates: Sequence[Header], best: Header) -> Header:
    """Return the header of the first section: one that comes again, wider, further down has rows above it."""
    above = (header for header in candidates if header.titles < best.titles - 1)
    return next((header for header in above if 2 * len(header.matches) >= len(best.matches)), best)


def _header(line: int, cells: Sequence[str], names: Names, titles: int) -> Header:
    found = {at: match for at, cell in enumerate(cells) if (match := names.match(cell))}
    return Header(line, tuple(cells), found, titles)


def _tiered(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    padded = [*lower, *[""] * (len(upper) - len(lower))]
    return [below if below.strip() else (upper[at] if at < len(upper) else "") for at, below in enumerate(padded)]


@dataclass(frozen=True)
class Columns:
    """The columns of a sheet: those the catalogue knows, and what becomes of the others."""

    line: int
    cells: tuple[str, ...]
    known: tuple[Heading, ...]
    ignored: tuple[str, ...]
    private: frozenset[int]  # positions of telephone and card columns
    unnamed: frozenset[int]  # positions without a header

    def names(self) -> list[str]:
        """Return a name for each headed column, none twice: what the rejects are headed with."""
        met: Counter[str] = Counter(("line", "problems"))
        named: list[str] = []
        for at, cell in enumerate(self.cells):
            if at not in self.unnamed:
                met[cell] += 1
                named.append(cell if met[cell] == 1 else f"{cell} ({met[cell]})")
        return named


def columns(header: Header, known: Sequence[Heading]) -> Columns:
    """Return the columns of a judged header; a telephone column that the catalogue does not name is private."""
    named = {heading.position for heading in known}
    rest = [at for at in range(len(header.cells)) if at not in named]
    unnamed = frozenset(at for at in rest if not header.cells[at])
    private = frozenset(at for at in rest if is_private_header(header.cells[at]))
    ignored = tuple(header.cells[at] for at in rest if at not in unnamed and at not in private)
    return Columns(header.line, header.cells, tuple(known), ignored, private, unnamed)


def shown_headers(rows: Sequence[Row]) -> list[str]:
    """Return the cells of the widest of the first rows: what a person would take for the header."""
    widest = max((cells for _, cells in rows if not is_blank(cells)), key=_filled, default=[])
    return [one_line(cell) for cell in widest if cell.strip()]


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)
