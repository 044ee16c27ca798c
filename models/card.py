"""The model card: what a model rests on, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from features.catalog import Catalog, Clock
from features.inputs import Features
from features.terms import CLOCKS
from features.timeline import PersonPeriods, Timeline, outcome
from features.words import Words
from models.curve import Floats, hazards, held, incidence
from models.explain import total
from models.hazard import Hazard
from models.recipe import Recipe

FEW_EVENTS = 50  # below this a clock is told to rest on its level more than on its attributes
FAINT = 0.3  # weights of card and trees that add up to less: projects not seen in training were hardly told apart
LIBRARIES = ("lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy")

Card = dict[str, object]


@dataclass(frozen=True)
class Evidence:
    """What a model was trained on, and what came out."""

    catalog: Catalog
    recipe: Recipe
    timeline: Timeline
    periods: Mapping[Clock, PersonPeriods]
    features: Features
    left_out: Sequence[Words]  # what the builder left out, and why
    hazards: Mapping[Clock, Hazard]


def card_of(evidence: Evidence) -> Card:
    """Return the card: nothing in it depends on the day or the place of training."""
    e = evidence
    return {
        "catalog": {"name": e.catalog.name, "version": e.catalog.version, "sha256": e.catalog.digest},
        "recipe": {"sha256": e.recipe.digest, "seed": e.recipe.seed},
        "libraries": {name: version(name) for name in LIBRARIES},
        "dates": {"as_of": str(e.timeline.as_of), "reporting_lag_months": e.timeline.lag_months},
        "projects": {
            "rows": len(e.timeline.entry),
            "admitted": int(e.timeline.admitted.sum()),
            "rejected": int(e.timeline.rejected.sum()),
            "repaired": int((e.timeline.repaired & ~e.timeline.rejected).sum()),
        },
        "clocks": {clock.value: _clock(e, clock) for clock in e.hazards},
        "cohorts": _cohorts(e),
        "attributes": {c.id: _both(c.label) for c in e.features.columns},
        "warnings": [_both(words) for words in _warnings(e)],
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _clock(e: Evidence, clock: Clock) -> Card:
    hazard, periods, spec = e.hazards[clock], e.periods[clock], e.catalog.clocks[clock]
    return {
        "horizon_months": spec.horizon_months,
        "period_months": e.catalog.period_months,
        "projects": len(np.unique(periods.project)),
        "person_periods": len(periods.event),
        "events": int(periods.event.sum()),
        "lived": np.bincount(periods.period, minlength=periods.n_periods).tolist(),
        "hazards": hazards(hazard.baseline, hazard.spread_sd)[: periods.n_periods].tolist(),
        "trees": hazard.trees.booster.num_trees() if hazard.trees.booster else 0,
        "card_weight": hazard.card_weight,
        "tree_weight": hazard.tree_weight,
        **_shock(e, hazard, periods),
        "published_curve": [[month, chance] for month, chance in spec.curve],
        "weights": _weights(e, clock),
    }


def _shock(e: Evidence, hazard: Hazard, periods: PersonPeriods) -> Card:
    """Return shock and frailty, and the mean figure of the projects before and after the shock is averaged over."""
    levels, frailty_sd = hazard.baseline[: periods.n_periods], hazard.level.frailty_sd
    fitted = held(np.asarray(logit(hazards(levels, hazard.spread_sd))), frailty_sd)
    reference, trained = np.zeros(1), np.unique(periods.project)
    score = total(hazard.contributions(e.features.matrix[trained])) if len(trained) else reference
    return {
        "shock_sd": hazard.shock_sd,
        "shock_seen": hazard.level.shock_seen,
        "frailty_sd": frailty_sd,
        "base": float(incidence(levels, reference, None, hazard.spread_sd)[0]),
        "mean": float(incidence(levels, score, None, hazard.spread_sd).mean()),
        "mean_without_shock": float(incidence(fitted, score, None, frailty_sd).mean()),
    }


def _weights(e: Evidence, clock: Clock) -> dict[str, float]:
    """Return the mean size of each attribute's part in the score, over the training projects, the largest first."""
    trained = np.unique(e.periods[clock].project)
    if not len(trained):
        return {}
    size: Floats = np.abs(e.hazards[clock].contributions(e.features.matrix[trained])).mean(axis=0)
    order = np.argsort(-size, kind="stable")
    return {e.features.columns[j].id: float(size[j]) for j in order if size[j] > 0}


def _cohorts(e: Evidence) -> list[Card]:
    """Return, by year of entry, how many entered and how many had each milestone within its horizon by the day."""
    admitted = e.timeline.admitted
    year = e.timeline.entry.astype("datetime64[Y]")
    known = {clock: outcome(e.timeline, e.catalog.clocks[clock], e.catalog) for clock in e.hazards}
    cohorts: list[Card] = []
    for one in np.unique(year[admitted]):
        mine = admitted & (year == one)
        clocks = {clock.value: _cohort(mine, *known[clock]) for clock in e.hazards}
        cohorts.append({"year": int(str(one)), "projects": int(mine.sum()), "clocks": clocks})
    return cohorts


def _cohort(mine: npt.NDArray[np.bool_], event: Floats, mature: npt.NDArray[np.bool_]) -> Card:
    return {"events": int(event[mine].sum()), "mature": int((mine & mature).sum())}


def _warnings(e: Evidence) -> Sequence[Words]:
    said: list[Words] = [*e.left_out]
    known = any(periods.event.any() for periods in e.periods.values())
    if not known:
        said.append(NO_OUTCOMES)
    for clock, hazard in e.hazards.items():
        said += _clock_warnings(clock, hazard, e.periods[clock]) if known else []
        said += _unlived(clock, hazard, e.periods[clock], published=bool(e.catalog.clocks[clock].curve))
    if e.timeline.rejected.any():
        n = int(e.timeline.rejected.sum())
        said.append(Words(f"{n} 行因日期不可能而未用于训练。", f"{n} rows did not train: their dates are impossible."))
    return said


def _clock_warnings(clock: Clock, hazard: Hazard, periods: PersonPeriods) -> Sequence[Words]:
    zh, en, events = CLOCKS[clock].zh, CLOCKS[clock].en, int(periods.event.sum())
    if not events:
        return [
            Words(
                f"{zh}：尚无结果，属性只按专家评分卡。",
                f"{en}: no outcomes yet; attributes count as the expert card says.",
            )
        ]
    said = [*_faint(clock, hazard)]
    if not hazard.tree_weight:
        said.append(
            Words(
                f"{zh}：树模型分不开未见过的项目（结果太少），未采用；只用评分卡。",
                f"{en}: the trees tell no unseen projects apart (too few outcomes) and are left out; the card stands "
                "alone.",
            )
        )
    if events < FEW_EVENTS:
        said.append(
            Words(
                f"{zh}：只有 {events} 个结果可学（少于 {FEW_EVENTS}），数值仅供参考。",
                f"{en}: outcomes to learn from: only {events} (fewer than {FEW_EVENTS}); "
                "take the figures as a rough guide.",
            )
        )
    return said


def _faint(clock: Clock, hazard: Hazard) -> Sequence[Words]:
    """Return that attributes hardly count, where that is so."""
    zh, en, weight = CLOCKS[clock].zh, CLOCKS[clock].en, hazard.card_weight + hazard.tree_weight
    if weight == 0 or not (hazard.card.weights.any() or hazard.tree_weight):
        return [
            Words(
                f"{zh}：结果太少或属性无差别，所有项目得同一数值，各属性贡献为零。",
                f"{en}: too few outcomes, or attributes that do not vary: every project gets the same figure, and no "
                "attribute contributes.",
            )
        ]
    if weight < FAINT:
        return [
            Words(
                f"{zh}：在未见过的项目上属性几乎没有区分力（权重合计 {weight:.2f}），数值主要取决于总体水平。",
                f"{en}: attributes hardly tell unseen projects apart (weights of {weight:.2f}); figures rest on the "
                "general level.",
            )
        ]
    return []


def _unlived(clock: Clock, hazard: Hazard, periods: PersonPeriods, *, published: bool) -> Sequence[Words]:
    """Return how much of the reference project's figure rests on periods that nobody has lived."""
    lived = int((np.bincount(periods.period, minlength=periods.n_periods) > 0).sum())
    unlived = periods.n_periods - lived
    rest, zh, en = _PUBLISHED if published else _MEAN, CLOCKS[clock].zh, CLOCKS[clock].en
    if not unlived:
        return []
    if not lived:
        return [
            Words(
                f"{zh}：尚无项目走完一个周期，水平取自{rest.zh}。",
                f"{en}: no period lived yet; the level is {rest.en}.",
            )
        ]
    reference, levels = np.zeros(1), hazard.baseline[: periods.n_periods]
    base, known = (float(incidence(levels, reference, n, hazard.spread_sd)[0]) for n in (None, lived))
    return [
        Words(
            f"{zh}：{periods.n_periods} 个周期中有 {unlived} 个尚无项目走完，其水平取自{rest.zh}；"
            f"参照项目的 {base:.1%} 中有 {100 * (base - known):.1f} 个百分点由此而来。",
            f"{en}: {unlived} of {periods.n_periods} periods were lived by no project; their level is {rest.en}. "
            f"Of the reference project's {base:.1%}, {100 * (base - known):.1f} points come from them.",
        )
    ]


_PUBLISHED = Words("目录公布的曲线", "the published curve")
_MEAN = Words("已走完周期的平均水平", "the mean of the others")
NO_OUTCOMES = Words("专家评分卡，尚无结果。", "Expert card, no outcomes yet.")
