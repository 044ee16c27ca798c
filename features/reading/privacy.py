"""What never gets past the reader's door: telephone numbers and identity card numbers, replaced by a mask."""

import re
import unicodedata
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from stdnum.cn import ric, uscc

from features.spelling import folded, unseen_dropped

MASK = "［已隐去］"

# Between the groups of a number: blanks, dots, strokes, and dashes of any width.
_GAP = r"[\s.·_/\-" + "\u2010-\u2015\u2043\u2212\u30fc" + "]"
_S = _GAP + "{0,3}"
_CODE = rf"(?:(?:\+|00)?86{_S}|0)?"  # 0 before a mobile number: a call from another town

_MOBILE = (
    rf"{_CODE}1[3-9][0-9](?:{_S}[0-9]{{4}}{_S}[0-9]{{4}}|{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}})"
    rf"|{_CODE}1[3-9][0-9]{{2}}{_GAP}(?:[0-9]{{3}}{_GAP}?[0-9]{{4}}|[0-9]{{4}}{_GAP}[0-9]{{3}})"
    rf"|{_CODE}1[3-9][0-9]{{3}}{_GAP}[0-9]{{6}}"
)
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"
_LANDLINE = (
    rf"(?:{_CODE}\(?0{_AREA}\)?|(?:\+|00)86{_S}\(?0?{_AREA}\)?){_S}[2-9](?:[0-9]{{2,3}}{_S}[0-9]{{4}}|[0-9]{{6,7}})"
)
_CARDS = rf"[0-9]{{6}}{_S}(?:[0-9]{{4}}{_S}[0-9]{{4}}{_S}[0-9]{{3}}[0-9Xx]|[0-9]{{6}}{_S}[0-9]{{3}})"
# A number that the text itself calls a telephone or a card needs no check digit to be one.
_CALLED = (
    r"(?P<word>(?:身份证|证件|护照)(?:号码|号)?|(?:电话|座机|传真|联系方式)(?:号码|号)?|\b(?:tel|phone|fax|mobile)\b)"
    rf"(?P<between>[\s:.(为是]{{0,4}})(?P<number>[A-Za-z]{{0,2}}\+?[0-9](?:{_S}[0-9]){{6,19}}[Xx]?)"
)
_PHONE = re.compile(rf"(?<![0-9])(?:{_MOBILE}|{_LANDLINE})(?![0-9])")
_CARD = re.compile(rf"(?<![0-9])(?:{_CARDS})(?![0-9])")
_NAMED = re.compile(_CALLED, re.IGNORECASE | re.ASCII)  # a Chinese character ends an English word
_CODE_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
# The same without looking around, for RE2, which searches whole columns: it may find more, never less.
_SUSPECT = rf"(?i)(?:^|[^0-9])(?:{_MOBILE}|{_LANDLINE}|{_CARDS})(?:[^0-9]|$)|{_CALLED}"

_PROVINCES = frozenset(
    str(code)
    for codes in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66))
    for code in codes
) | {"71", "81", "82", "83"}  # the first two digits of a card

_PRIVATE_HEADER = re.compile(
    r"手机|电话|座机|传真|联系方式|身份证|证件号|护照号"
    r"|\b(?:tele)?phone\b|\bmobile\b|\bcell ?phone\b|\btel\b|\bfax\b"
    r"|\bid ?card\b|\bidentity (?:card|number|no)\b|\bid (?:number|no)\b|\bpassport\b"
)


def is_private_header(header: str) -> bool:
    """Return whether a column so headed holds telephone, card or passport numbers.

    Examples
    --------
    >>> [is_private_header(h) for h in ("联系人手机", "身份证号码", "Tel.", "ID card", "项目名称", "Hotel rooms")]
    [True, True, True, True, False, False]
    """
    return _PRIVATE_HEADER.search(re.sub(r"[\W_]+", " ", folded(header))) is not None


def masked(text: str) -> str:
    """Return ``text`` with every telephone and identity card number in it replaced by `MASK`.

    Mobile numbers and numbers with an area code of the mainland, cards of 18 digits whose check digit and birthday
    hold, cards of 15 digits whose birthday holds, and whatever the text itself calls a telephone or a card. Width,
    blanks and dashes do not hide a number. A unified social credit code stays.

    Examples
    --------
    >>> masked("联系人 138-0013-8000, 0571-88886666")
    '联系人 ［已隐去］, ［已隐去］'
    >>> masked("91110000600037341L")
    '91110000600037341L'
    >>> masked("总投资 13800 万元")
    '总投资 13800 万元'
    """
    plain = unseen_dropped(unicodedata.normalize("NFKC", text))
    found = _masked(plain)
    return text if found == plain else found


def _masked(text: str) -> str:
    kept = [m.span() for m in _CODE_TOKEN.finditer(text) if uscc.is_valid(m.group()) and not _is_card(m.group())]
    pieces: list[str] = []
    end = 0
    for start, stop in kept:
        pieces += [_masked_piece(text[end:start]), text[start:stop]]
        end = stop
    return "".join([*pieces, _masked_piece(text[end:])])


def _masked_piece(text: str) -> str:
    # Cards first: a card's digits are never a telephone. A mask holds no digits, so a second pass changes nothing.
    text = _CARD.sub(lambda match: MASK if _is_card(match.group()) else match.group(), text)
    text = _PHONE.sub(MASK, text)
    return _NAMED.sub(lambda match: f"{match['word']}{match['between']}{MASK}", text)


def _is_card(text: str) -> bool:
    number = re.sub(_GAP, "", text).upper()
    if number[:2] not in _PROVINCES or not number[:-1].isdigit():
        return False
    if len(number) == 15:
        return number.isdigit() and _is_day("19" + number[6:12])
    # A spreadsheet that takes a card for a number keeps fifteen digits of it and writes zeros for the others.
    sound = number.endswith("000") or number[-1] == str(ric.calc_check_digit(number))
    return sound and _is_day(number[6:14])


def _is_day(digits: str) -> bool:
    try:
        return 1880 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False


def masked_cells(cells: pa.StringArray) -> tuple[pa.StringArray, NDArray[np.bool_]]:
    """Return a column of tidy cells with private numbers masked, and which cells (n,) were changed.

    Examples
    --------
    >>> column, changed = masked_cells(pa.array(["年产 500 台", "找王工 13800138000", None]))
    >>> column.to_pylist(), changed.tolist()
    (['年产 500 台', '找王工 ［已隐去］', None], [False, True, False])
    """
    changed = np.zeros(len(cells), dtype=bool)
    suspects = np.flatnonzero(pc.fill_null(pc.match_substring_regex(cells, _SUSPECT), False).to_numpy(False))
    if not len(suspects):
        return cells, changed
    texts = cells.to_pylist()
    for row in suspects:
        text = masked(texts[row])
        changed[row] = text != texts[row]
        texts[row] = text
    return pa.array(texts, pa.string()), changed
