"""Advice: promote, keep or investigate, from rules that are data. A person decides; nothing here promotes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from features.words import Words
from models.intervals import Figure

ENOUGH_EVENTS = 20  # new outcomes, below which two models cannot be told apart
WORSE_BY = 0.01  # of log loss a period: a loss that the interval may hold and that still does not matter
LEVEL_OFF = 1.25  # expected over observed, or the other way round
OLD_MONTHS = 12.0
MOVED_ATTRIBUTES = 3


class Verdict(StrEnum):
    """What is advised."""

    PROMOTE = "promote"
    KEEP = "keep"
    INVESTIGATE = "investigate"


@dataclass(frozen=True)
class Evidence:
    """What the rules read: of the headline's clock, where it is one clock's.

    Attributes
    ----------
    champion : whether there is one
    comparable : whether it answers the same questions: the same clocks, horizons and periods
    knows_later : whether it was trained on what came after the day of the challenger
    cold : whether the champion is an expert card without a single outcome
    age_months : of the champion
    events : new outcomes that neither model has seen
    loss_gap : log loss of the challenger less the champion's on them; None = not compared
    expected, bounds : how many of them the challenger expected, and between which numbers that is no surprise
    recipe_gap : log loss of the recipes over rolling origins; None = one recipe, or no origin
    drifted : labels of the attributes that drifted by a large amount
    score_drifted : whether the score did
    """

    champion: bool
    comparable: bool = True
    knows_later: bool = False
    cold: bool = False
    age_months: float = 0.0
    events: int = 0
    loss_gap: Figure | None = None
    expected: float = np.nan
    bounds: tuple[float, float] = (np.nan, np.nan)
    recipe_gap: Figure | None = None
    drifted: tuple[Words, ...] = ()
    score_drifted: bool = False


@dataclass(frozen=True)
class Rule:
    """One reason for a verdict: when it holds, and how it is said."""

    id: str
    verdict: Verdict
    holds: Callable[[Evidence], bool]
    said: Callable[[Evidence], Words]


@dataclass(frozen=True)
class Advice:
    """The verdict, and every reason found, those of the verdict first."""

    verdict: Verdict
    reasons: tuple[tuple[Verdict, Words], ...]


def advise(evidence: Evidence) -> Advice:
    """Return the advice: one reason to investigate outweighs all, one to keep outweighs those to promote.

    Examples
    --------
    >>> str(advise(Evidence(champion=False)).verdict)
    'promote'
    >>> str(advise(Evidence(champion=True, events=3)).verdict)
    'keep'
    """
    found = [(rule.verdict, rule.said(evidence)) for rule in RULES if rule.holds(evidence)]
    weight = (Verdict.INVESTIGATE, Verdict.KEEP, Verdict.PROMOTE)
    verdict = next((v for v in weight if any(v is reason for reason, _ in found)), Verdict.KEEP)
    if not found:
        found = [(Verdict.KEEP, _NO_GAIN)]
    return Advice(verdict, tuple(sorted(found, key=lambda reason: (reason[0] is not verdict, weight.index(reason[0])))))


def _level_is_off(e: Evidence) -> bool:
    low, high = e.bounds
    if not e.expected > 0 or e.events < ENOUGH_EVENTS:
        return False
    ratio = max(e.expected / e.events, e.events / e.expected)
    return not low <= e.expected <= high and ratio > LEVEL_OFF


def _surely(gap: Figure | None, *, above: float) -> bool:
    return gap is not None and gap.low > above


def _better(e: Evidence) -> bool:
    return e.events >= ENOUGH_EVENTS and e.loss_gap is not None and e.loss_gap.high < 0


def _no_worse(e: Evidence) -> bool:
    return e.events >= ENOUGH_EVENTS and e.loss_gap is not None and e.loss_gap.high < WORSE_BY


def _gap(gap: Figure | None) -> str:
    return "" if gap is None else f"{gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"


def _named(labels: tuple[Words, ...]) -> Words:
    return Words("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))


RULES = (
    Rule(
        "other_questions",
        Verdict.INVESTIGATE,
        lambda e: e.champion and not e.comparable,
        lambda _: Words(
            "目录的时钟、期限或周期与现用模型不同，两个模型答的不是同一个问题，无法直接比较。",
            "The catalogue's clocks, horizons or periods differ from the champion's: the two answer other questions.",
        ),
    ),
    Rule(
        "level_off",
        Verdict.INVESTIGATE,
        _level_is_off,
        lambda e: Words(
            f"最新结果与新模型预期不符：预期 {e.expected:.0f} 件，实际 {e.events} 件。请先查明原因（漏报、政策变化）。",
            f"The newest outcomes are not what the challenger expects: {e.expected:.0f} expected, {e.events} came. "
            "Find out why first (unreported events, a change of rules).",
        ),
    ),
    Rule(
        "score_drift",
        Verdict.INVESTIGATE,
        lambda e: e.score_drifted,
        lambda _: Words(
            "新项目的得分分布与训练时大不相同。", "The scores of new projects are spread unlike those of training."
        ),
    ),
    Rule(
        "attribute_drift",
        Verdict.INVESTIGATE,
        lambda e: len(e.drifted) >= MOVED_ATTRIBUTES,
        lambda e: Words(
            f"多项属性大幅变化：{_named(e.drifted).zh}。请核对填报口径。",
            f"Several attributes moved by a large amount: {_named(e.drifted).en}. Check how they are filed.",
        ),
    ),
    Rule(
        "worse_on_newest",
        Verdict.KEEP,
        lambda e: e.events >= ENOUGH_EVENTS and _surely(e.loss_gap, above=0.0),
        lambda e: Words(
            f"在双方都没见过的最新结果上，新模型较差：对数损失差 {_gap(e.loss_gap)}。",
            f"On the newest outcomes, which neither has seen, the challenger is worse: log loss {_gap(e.loss_gap)}.",
        ),
    ),
    Rule(
        "worse_recipe",
        Verdict.KEEP,
        lambda e: _surely(e.recipe_gap, above=0.0),
        lambda e: Words(
            f"滚动检验中，新配方较差：对数损失差 {_gap(e.recipe_gap)}。",
            f"Over rolling origins the new recipe is worse: log loss {_gap(e.recipe_gap)}.",
        ),
    ),
    Rule(
        "knows_later",
        Verdict.KEEP,
        lambda e: e.knows_later,
        lambda _: Words(
            "现用模型所知的比这一天更晚，无法公平比较；这次训练只是重现当日的模型。",
            "The champion knows what came after this day and cannot be compared fairly: this training rebuilds a model "
            "of the past.",
        ),
    ),
    Rule(
        "too_little_new",
        Verdict.KEEP,
        lambda e: e.champion and e.comparable and not (e.cold or e.knows_later) and e.events < ENOUGH_EVENTS,
        lambda e: Words(
            f"双方都没见过的新结果只有 {e.events} 件（少于 {ENOUGH_EVENTS} 件），看不出优劣。",
            f"Only {e.events} outcomes that neither has seen (fewer than {ENOUGH_EVENTS}): the two cannot be told "
            "apart.",
        ),
    ),
    Rule(
        "first",
        Verdict.PROMOTE,
        lambda e: not e.champion,
        lambda _: Words("还没有现用模型，这是第一个。", "There is no champion yet: this is the first model."),
    ),
    Rule(
        "cold",
        Verdict.PROMOTE,
        lambda e: e.champion and e.comparable and e.cold and not e.knows_later,
        lambda _: Words(
            "现用模型只有专家评分卡，没有学过任何结果。", "The champion is an expert card and has learned from nothing."
        ),
    ),
    Rule(
        "better_on_newest",
        Verdict.PROMOTE,
        _better,
        lambda e: Words(
            f"在双方都没见过的最新结果上，新模型较好：对数损失差 {_gap(e.loss_gap)}。",
            f"On the newest outcomes, which neither has seen, the challenger is better: log loss {_gap(e.loss_gap)}.",
        ),
    ),
    Rule(
        "fresher",
        Verdict.PROMOTE,
        lambda e: e.comparable and not _better(e) and _no_worse(e) and e.age_months >= OLD_MONTHS,
        lambda e: Words(
            f"现用模型已用 {e.age_months:.0f} 个月，新模型在最新结果上不差（对数损失差 {_gap(e.loss_gap)}）。",
            f"The champion is {e.age_months:.0f} months old and the challenger is no worse on the newest outcomes "
            f"(log loss {_gap(e.loss_gap)}).",
        ),
    ),
)
_NO_GAIN = Words(
    "看不出新模型有明显好处，现用模型也还不旧。", "The challenger shows no clear gain, and the champion is not old."
)
