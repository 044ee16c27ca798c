"""Cold start: a model from the catalogue alone, expert weights over the published curve, before any outcome."""

import numpy as np
import pandas as pd
from scipy.special import logit

from features.builder import FeatureBuilder
from features.catalog import ASKED, Catalog, Clock, ClockSpec
from features.errors import Refused
from features.inputs import Feature
from features.terms import CLOCKS
from features.timeline import person_periods, trace
from features.words import Words
from models.card import Evidence, card_of
from models.curve import Floats, held
from models.followed import FINISHING, with_start
from models.hazard import Hazard, Level
from models.level import published_hazards
from models.model import Model
from models.recipe import Recipe, read_recipe
from models.scorecard import Scorecard, believed
from models.transforms import expected_reading
from models.trees import stump


def cold_model(catalog: Catalog, *, as_of: np.datetime64, recipe: Recipe | None = None) -> Model:
    """Return the expert card of a catalogue as a model: every figure follows from weights and curves that it publishes.

    Parameters
    ----------
    as_of : the day of which the model speaks
    recipe : None = the default one; of it only the shock counts

    Raises
    ------
    Refused
        A clock that is asked at the entry has no published curve, so that there is no level to start from; or the
        catalogue's weights tell no two projects apart.
    """
    chosen = read_recipe() if recipe is None else recipe
    missing = [clock for clock, spec in catalog.clocks.items() if not spec.curve]
    if missing:
        raise Refused(_no_curve(catalog, missing))
    builder = FeatureBuilder.cold(catalog, as_of=as_of)
    nobody = pd.DataFrame(index=range(0))
    features, timeline = builder.transform(nobody), trace(nobody, catalog, as_of=as_of)
    hazards = {clock: _published(spec, features.columns, catalog, chosen) for clock, spec in catalog.clocks.items()}
    if not any(hazard.card.weights.any() for hazard in hazards.values()):
        raise Refused(_no_weights(catalog, _without_part(features.columns, catalog)))
    finishing = with_start(features, np.zeros(0)).columns
    later = {
        clock: _published(spec, finishing if clock in FINISHING else features.columns, catalog, chosen)
        for clock, spec in catalog.later.items()
        if spec.curve
    }
    periods = {clock: person_periods(timeline, spec, catalog) for clock, spec in catalog.clocks.items()}
    without, even = _without_part(features.columns, catalog), _taken_even(features.columns, catalog)
    left_out = (*builder.warnings_, *_left_out(without), *_even(even))
    evidence = Evidence(catalog, chosen, timeline, periods, features, left_out, hazards)
    return Model(
        catalog=catalog,
        recipe=chosen,
        builder=builder,
        hazards=hazards,
        later=later,
        giving_up=np.zeros(len(later[Clock.FINISHED].baseline) if Clock.FINISHED in later else 0),
        bag=None,
        likeness=None,
        medians={},
        card=card_of(evidence),
    )


def _published(spec: ClockSpec, columns: tuple[Feature, ...], catalog: Catalog, recipe: Recipe) -> Hazard:
    n_periods = -(-spec.reach_months // catalog.period_months)
    hazards = published_hazards(spec, catalog.period_months, n_periods)
    assert hazards is not None, "clocks without a curve were refused, or left out"
    card, sd = expert_card(columns, spec.clock, catalog), recipe.shock.prior_sd
    level = Level(_level(hazards, card, sd), sd, sd)
    return Hazard(spec.clock, card, stump(len(columns)), 1.0, 0.0, level)


def _level(hazards: Floats, card: Scorecard, shock_sd: float) -> Floats:
    """Return the level, (K,), with which ordinary projects have the published hazards on average.

    The curve is published for all of them together, and the mean of their curves is not the curve of their mean. Their
    scores are a sum of many readings with mean 0 and standard deviation 1, and so are taken for normal: a spread that
    adds to that of the shock, over which figures are averaged in the same way.
    """
    return held(np.asarray(logit(hazards)), float(np.hypot(shock_sd, np.linalg.norm(card.weights))))


def expert_card(columns: tuple[Feature, ...], clock: Clock, catalog: Catalog) -> Scorecard:
    """Return the catalogue's weights on attributes as they typically are; one without a typical range has no part."""
    readings = tuple(expected_reading(column, _shares(column, catalog)) for column in columns)
    belief = believed(columns, readings, clock, penalty=1.0)
    return Scorecard(readings, np.clip(belief.mean, belief.low, belief.high), np.zeros(len(belief.mean)))


def _shares(column: Feature, catalog: Catalog) -> tuple[float, ...]:
    attribute = catalog.attributes.get(column.id)
    return () if attribute is None or column.categorical else attribute.answer_shares


def _without_part(columns: tuple[Feature, ...], catalog: Catalog) -> tuple[Feature, ...]:
    """Return the attributes that have a weight and yet no part, as nothing is typical of them."""
    weighted = (column for column in columns if any(column.weights.values()))
    return tuple(c for c in weighted if not expected_reading(c, _shares(c, catalog)).width)


def _taken_even(columns: tuple[Feature, ...], catalog: Catalog) -> tuple[Feature, ...]:
    """Return the attributes with a weight whose answers are taken for equally common, as no shares are given."""
    weighted = (column for column in columns if any(column.weights.values()))
    return tuple(c for c in weighted if _shares(c, catalog) and not catalog.attributes[c.id].shares)


def _left_out(columns: tuple[Feature, ...]) -> tuple[Words, ...]:
    return tuple(
        Words(
            zh=f"{column.label.zh}：有权重而无 typical，不计入；请在目录的 {column.id} 中写 typical = [低, 高]。",
            en=f"{column.label.en}: has a weight but no typical, and so no part; "
            f"write typical = [low, high] for {column.id} in the catalogue.",
        )
        for column in columns
    )


def _even(columns: tuple[Feature, ...]) -> tuple[Words, ...]:
    if not columns:
        return ()
    ids = ", ".join(column.id for column in columns)
    return (
        Words(
            zh=f"目录未说明以下属性各答案的占比，按同样常见计，总体水平可能因此偏高或偏低：{ids}；请写 typical。",
            en="the catalogue does not say how common each answer is, so that all are taken for equally common and the "
            f"level may be off: {ids}; write typical for them.",
        ),
    )


def _no_weights(catalog: Catalog, without: tuple[Feature, ...]) -> Words:
    """Return that no attribute counts, and what to write."""
    if without:
        ids = ", ".join(column.id for column in without)
        got = Words(f"{ids} 有权重而无 typical", f"weights without typical for {ids}")
        remedy = Words("请为其写 typical = [低, 高]", "Write typical = [low, high] for them")
    else:
        got = Words("没有任何权重", "no weight at all")
        remedy = Words(
            "请为属性写 weight（数值属性另写 typical）",
            "Give attributes a weight, and numbers a typical too",
        )
    return Words(
        zh=f"冷启动：目录 {catalog.name} 的权重须能区分项目；实际：{got.zh}。{remedy.zh}，或用有结果的历史文件训练。",
        en=f"cold start: the weights of catalogue {catalog.name} must tell projects apart; got {got.en}. {remedy.en}, "
        "or train on a history with outcomes.",
    )


def _no_curve(catalog: Catalog, missing: list[Clock]) -> Words:
    zh = "、".join(CLOCKS[clock].zh for clock in ASKED if clock in missing)
    en = ", ".join(CLOCKS[clock].en for clock in ASKED if clock in missing)
    tables = ", ".join(f"[clock.{clock.value}]" for clock in missing)
    return Words(
        zh=f"冷启动：目录 {catalog.name} 须为每个时钟给出公布的曲线；{zh}没有。"
        f"请在 {tables} 中写 curve，或用有结果的历史文件训练。",
        en=f"cold start: catalogue {catalog.name} must publish a curve for every clock; got none for {en}. "
        f"Write curve in {tables}, or train on a history with outcomes.",
    )
