"""The report as one HTML page in one language: no network, no script, and it prints on A4."""

from collections.abc import Iterator, Sequence
from html import escape

from features.words import Language, Words
from models.findings import Table
from scoring.report.section import Section

_STYLE = """
body{font:16px/1.65 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif;color:#1d2430;
max-width:860px;margin:2rem auto;padding:0 1.2rem}
h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.2rem;margin:2.4rem 0 .6rem;border-bottom:2px solid #1f5a96}
h3{font-size:1rem;margin:1.2rem 0 .3rem}p{margin:.4rem 0}
.aid,.faint{color:#5c6470}.verdict{border-left:6px solid;padding:.6rem 1rem;background:#f5f7f9;margin:1rem 0}
.verdict strong{font-size:1.25rem}.verdict.promote{border-color:#2c7a3f}.verdict.keep{border-color:#1f5a96}
.verdict.investigate{border-color:#b3261e}
table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.4rem 0 1rem}caption{text-align:left;font-weight:600;
padding:.3rem 0}th,td{border-bottom:1px solid #dfe3e8;padding:.3rem .5rem;text-align:right;vertical-align:top}
th:first-child,td:first-child{text-align:left}thead th{background:#f5f7f9}
svg{width:100%;height:auto;font:13px "Noto Sans CJK SC","Microsoft YaHei",sans-serif;fill:#1d2430}
svg .faint{fill:#5c6470;font-size:12px}svg .figure{font-weight:600}
@media print{body{margin:0;max-width:none}h2,table,svg{break-inside:avoid}}
"""


def page(title: Words, opening: str, sections: Sequence[Section], language: Language) -> str:
    """Return the page; ``opening`` is HTML, all else is escaped."""
    heading = escape(title.said(language))
    lines = [
        "<!doctype html>",
        f'<html lang="{"zh-CN" if language is Language.ZH else "en"}">',
        f'<head><meta charset="utf-8"/><title>{heading}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{heading}</h1>",
        opening,
        *(line for section in sections for line in _section(section, language)),
        "</body></html>",
    ]
    return "\n".join(lines) + "\n"


def paragraph(words: Words, language: Language, style: str = "") -> str:
    """Return one paragraph."""
    return f"<p{f' class={style!r}' if style else ''}>{escape(words.said(language))}</p>"


def _section(section: Section, language: Language) -> Iterator[str]:
    yield f'<section id="{section.id}"><h2>{escape(section.title.said(language))}</h2>'
    yield from (paragraph(words, language) for words in section.said)
    for chart in section.charts:
        yield f"<h3>{escape(chart.title.said(language))}</h3>"
        yield chart.zh if language is Language.ZH else chart.en
    yield from (_table(table, language) for table in section.tables)
    yield "</section>"


def _table(table: Table, language: Language) -> str:
    head = "".join(f'<th scope="col">{escape(words.said(language))}</th>' for words in table.header)
    rows = "".join(f"<tr>{''.join(_cell(words, language) for words in row)}</tr>" for row in table.rows)
    title = escape(table.title.said(language))
    return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(words: Words, language: Language) -> str:
    return f"<td>{escape(words.said(language))}</td>"
