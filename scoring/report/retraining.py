"""The report of a retraining: what is advised and why, and all that it rests on."""

from collections.abc import Sequence
from html import escape

from features.words import Language, Words
from models.advice import Verdict
from models.retraining import Retraining
from scoring.report.movers import Moves, moves_section
from scoring.report.page import page, paragraph
from scoring.report.section import Section
from scoring.report.state import drift_section, maturity_section, news_section
from scoring.report.trials import newest_section, rolling_section

VERDICTS = {
    Verdict.PROMOTE: Words("建议：换用新模型", "Advice: promote the new model"),
    Verdict.KEEP: Words("建议：保留现用模型", "Advice: keep the champion"),
    Verdict.INVESTIGATE: Words("建议：先查明原因", "Advice: investigate first"),
}
TITLE = Words("重新训练报告", "Retraining report")
AID = Words(
    "辅助参考，不替代集体决策。本报告不会更换模型：更换须一人提议、另一人批准。",
    "An aid to the committee, not its decision. This report promotes nothing: one person proposes, another approves.",
)
HONEST = Words(
    "只有获准入库的项目才有结果；未获准的项目后来会怎样，无人知道。以下一切检验只对获准的项目成立，"
    "不能说明被否决的项目本来会怎样；评审标准若变，检验也随之失准。",
    "Outcomes exist only for admitted projects: nobody knows what would have become of the others. Every trial below "
    "holds for admitted projects alone and says nothing of those turned down; where the committee's own standard "
    "changes, it changes too.",
)


def sections(found: Retraining, moves: Moves | None, *, named: bool) -> Sequence[Section]:
    """Return the report section by section; ``named`` = with the names of projects."""
    return (
        moves_section(moves, named=named),
        newest_section(found.newest),
        rolling_section(found.rolling),
        maturity_section(found.maturity),
        drift_section(found.drift),
        news_section(found.news, found.challenger.catalog),
    )


def html(found: Retraining, digest: str, moves: Moves | None, language: Language, *, named: bool) -> str:
    """Return the report as a page.

    Parameters
    ----------
    digest : hash of the challenger's bundle
    moves : of the pipeline; None where nobody asked
    named : with the names of projects, for the office; False for a registry, which shall hold none
    """
    return page(TITLE, _opening(found, digest, language), sections(found, moves, named=named), language)


def _opening(found: Retraining, digest: str, language: Language) -> str:
    verdict = found.advice.verdict
    reasons = "".join(f"<li>{escape(words.said(language))}</li>" for _, words in found.advice.reasons)
    return "\n".join(
        [
            paragraph(_stand(found, digest), language, "faint"),
            paragraph(AID, language, "aid"),
            f'<div class="verdict {verdict.value}"><strong>{escape(VERDICTS[verdict].said(language))}</strong>'
            f"<ul>{reasons}</ul></div>",
            paragraph(HONEST, language),
        ]
    )


def _stand(found: Retraining, digest: str) -> Words:
    catalog, day = found.challenger.catalog, found.champion_day
    return Words(
        f"目录 {catalog.label.zh}；以 {found.as_of} 所知为准；新模型 {digest[:12]}；"
        + ("还没有现用模型。" if day is None else f"现用模型以 {day} 为准。"),
        f"Catalogue {catalog.label.en}; as known on {found.as_of}; new model {digest[:12]}; "
        + ("no champion yet." if day is None else f"the champion is of {day}."),
    )
