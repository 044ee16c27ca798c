"""Retraining: a challenger from all that is known on a day, and everything a person needs to judge it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.catalog import DAYS_PER_MONTH, Catalog, Clock
from features.errors import Refused
from features.filing import Volatile, as_filed
from features.history.event_index import EventIndex
from features.inputs import Features
from features.timeline import Timeline, span, trace
from features.words import Words
from models.advice import Advice, Evidence, advise
from models.drift import Drift, Movement, drift
from models.evaluation import Step
from models.maturity import Cohort, maturity
from models.model import Model
from models.movers import Pipeline, pipeline_of
from models.newest import CHALLENGER, CHAMPION, Newest, day_of, newest, since_when
from models.news import News, news
from models.recipe import Recipe, read_recipe
from models.rolling import Rolling, rolling
from models.training import asked_model, known_on, train

RECENT_MONTHS, REFERENCE_MONTHS = 12, 36


@dataclass(frozen=True)
class Retraining:
    """A challenger beside the champion, and what is advised.

    Attributes
    ----------
    as_of : the day all of it speaks of
    champion_day : of which the champion speaks; None = there is none
    rolling : in words, why not, where the register is too young
    newest : by clock; in words, why not, where the shadow could not be trained
    drift : of the projects since, against those of the three years before; None where neither side has any
    movers : None without a champion or a pipeline
    """

    as_of: np.datetime64
    champion_day: np.datetime64 | None
    challenger: Model
    rolling: Rolling | Words
    newest: Mapping[Clock, Newest] | Words
    drift: Drift | None
    maturity: Mapping[Clock, tuple[Cohort, ...]]
    movers: Pipeline | None
    news: News
    advice: Advice


def retrain(  # noqa: PLR0913 - one parameter a question
    rows: pd.DataFrame,
    catalog: Catalog,
    *,
    as_of: np.datetime64,
    champion: Model | None = None,
    pipeline: pd.DataFrame | None = None,
    recipe: Recipe | None = None,
    on_step: Step | None = None,
) -> Retraining:
    """Return a challenger trained on what was known on a day, compared with the champion.

    Parameters
    ----------
    rows : (n, ...) typed, with what was recorded by ``as_of``; where it holds days of record, they are used
    champion : None = there is none yet; one of a later day is told, and not compared, as it knows what came
    pipeline : projects under review or on their way, to be told what would change for them; None = nobody asked
    recipe : None = the default one
    on_step : called with (done, total, what) during the rolling evaluation

    Raises
    ------
    Refused
        Nothing to learn from, as `models.training.train` says.
    """
    chosen = read_recipe() if recipe is None else recipe
    challenger = train(rows, catalog, as_of=as_of, snapshot=as_of, recipe=chosen)
    timeline = trace(rows, catalog, as_of=as_of, snapshot=as_of)
    rival = champion if champion is not None and comparable(champion, catalog) and day_of(champion) <= as_of else None
    scene = _Scene(rows, timeline, catalog, chosen, champion, rival)
    rolled = rolling(rows, catalog, (chosen, None if rival is None else rival.recipe), as_of, on_step)
    fresh, moved = _newest(scene), drift_since(rows, timeline, challenger if rival is None else rival)
    return Retraining(
        as_of=as_of,
        champion_day=scene.champion_day,
        challenger=challenger,
        rolling=rolled,
        newest=fresh,
        drift=moved,
        maturity=maturity(timeline, catalog),
        movers=None if rival is None or pipeline is None else pipeline_of(pipeline, challenger, rival),
        news=_news(scene, challenger),
        advice=advise(_evidence(scene, rolled, fresh, moved)),
    )


@dataclass(frozen=True)
class _Scene:
    """What a retraining starts from; ``rival`` is the champion where the two can be compared."""

    rows: pd.DataFrame
    timeline: Timeline
    catalog: Catalog
    recipe: Recipe
    champion: Model | None
    rival: Model | None

    @property
    def champion_day(self) -> np.datetime64 | None:
        return None if self.champion is None else day_of(self.champion)

    @property
    def champion_age(self) -> float:
        """Months."""
        day = self.champion_day
        return 0.0 if day is None else float((self.timeline.as_of - day) / np.timedelta64(1, "D") / DAYS_PER_MONTH)


def comparable(champion: Model, catalog: Catalog) -> bool:
    """Tell whether a model answers the questions of a catalogue: the same clocks, horizons and periods."""
    asked = {clock: spec.horizon_months for clock, spec in catalog.clocks.items()}
    answered = {clock: spec.horizon_months for clock, spec in champion.catalog.clocks.items()}
    return asked == answered and catalog.period_months == champion.catalog.period_months


def _newest(scene: _Scene) -> Mapping[Clock, Newest] | Words:
    as_of, rival = scene.timeline.as_of, scene.rival
    since = since_when(as_of, rival)
    if since >= as_of:
        return _NOTHING_NEW
    past = scene.rows.loc[scene.timeline.entry < since].reset_index(drop=True)
    try:
        shadow = asked_model(known_on(past, scene.catalog, as_of=since, snapshot=since, recipe=scene.recipe))
    except Refused as refused:  # so little was known then that nothing could be learned
        return refused.message
    models = {CHALLENGER: shadow} if rival is None else {CHALLENGER: shadow, CHAMPION: rival}
    return newest(scene.rows, scene.timeline, models, scene.catalog, since)


def _news(scene: _Scene, challenger: Model) -> News:
    rival, timeline = scene.rival, scene.timeline
    columns = (challenger.builder.columns_, None if rival is None else rival.builder.columns_)
    recent = None if rival is None else _entered(scene.rows, timeline, rival, (day_of(rival), timeline.as_of))
    return news(timeline, scene.catalog, columns, recent, scene.champion_day)


def drift_since(rows: pd.DataFrame, timeline: Timeline, model: Model) -> Drift | None:
    """Return how the projects since a model's day differ from those of the three years before, as the model reads them.

    Where the model is younger than twelve months, the last twelve months are compared with the three years before them.
    Columns of history grow as a register does: three years keep that growth out of the comparison as far as can be.
    """
    as_of = timeline.as_of
    split = min(day_of(model), as_of - span(RECENT_MONTHS))
    reference = _entered(rows, timeline, model, (split - span(REFERENCE_MONTHS), split))
    recent = _entered(rows, timeline, model, (split, as_of))
    if reference is None or recent is None:
        return None
    hazard = model.hazards[model.catalog.headline]
    return drift(reference, recent, (hazard.log_odds(reference.matrix), hazard.log_odds(recent.matrix)))


def _entered(
    rows: pd.DataFrame, timeline: Timeline, model: Model, between: tuple[np.datetime64, np.datetime64]
) -> Features | None:
    """Return the projects that entered in a span of days as a model reads them on their own day; None = nobody."""
    begin, end = between
    mine = np.flatnonzero(timeline.admitted & (timeline.entry >= begin) & (timeline.entry < end))
    if not len(mine):
        return None
    filed = as_filed(rows, model.catalog, Volatile(model.recipe.attributes.volatile))
    index = EventIndex.build(filed, timeline, model.catalog, model.builder.salt)
    return model.builder.replay(rows.iloc[mine].reset_index(drop=True), index)


def _evidence(
    scene: _Scene, rolled: Rolling | Words, fresh: Mapping[Clock, Newest] | Words, moved: Drift | None
) -> Evidence:
    clock, champion = scene.catalog.headline, scene.champion
    told = fresh.get(clock) if isinstance(fresh, Mapping) else None
    # Of what is filed alone: the history of earlier projects moves as a register grows, and no filing is to blame.
    filed = {*scene.catalog.attributes, *(derived.attribute.id for derived in scene.catalog.derived)}
    columns = () if moved is None else tuple(c for c in moved.columns if c.movement is Movement.LARGE and c.id in filed)
    return Evidence(
        champion=champion is not None,
        comparable=champion is None or comparable(champion, scene.catalog),
        knows_later=champion is not None and bool(day_of(champion) > scene.timeline.as_of),
        cold=champion is not None and champion.cold,
        age_months=scene.champion_age,
        events=0 if told is None else told.events,
        loss_gap=None if told is None else told.gap.get("log_loss"),
        expected=np.nan if told is None else told.expected[CHALLENGER],
        bounds=(np.nan, np.nan) if told is None else told.bounds,
        recipe_gap=rolled.gap(clock, "log_loss") if isinstance(rolled, Rolling) else None,
        drifted=tuple(column.label for column in columns),
        score_drifted=moved is not None and moved.score is not None and moved.score.movement is Movement.LARGE,
    )


_NOTHING_NEW = Words(
    "现用模型就是以这一天为准训练的，之后还没有新结果。",
    "The champion was trained as of this very day: no outcome is newer.",
)
