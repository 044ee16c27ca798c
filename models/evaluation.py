"""Rolling origins: train as of a day, forecast who entered in the year after it, and see what came of them.

On each origin everything is refitted from what was known on that day: levels, scales, trees, level per period; person-
periods that end inside the reporting lag do not train (the embargo). Each tested project is described as on its own
review date: its history counts what was on record strictly before that date, which an office that scores every month
has, while the trees are those of the origin. What came of it is read from the whole file; where its horizon is not over
there, it is left out and counted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.builder import FeatureBuilder, Features
from features.catalog import Catalog, Clock, ClockSpec
from features.errors import DataError
from features.filing import Volatile, as_filed
from features.history.event_index import EventIndex
from features.terms import CLOCKS
from features.timeline import Timeline, outcome, person_periods, snapshot_day, trace
from features.words import Words
from models.comparison import LUODI, MEASURES, ClockResult, Forecasts, Measures, compare
from models.intervals import Sample
from models.metrics import Floats
from models.origins import Origins, entered_in, every, supported
from models.recipe import Recipe
from models.rivals import RIVALS, Lesson, Rival, at_hand
from models.training import asked_model, groups, known_on

Step = Callable[[int, int, Words], None]  # done, total, what was done

_LUODI_LABEL = Words("Luodi", "luodi")


@dataclass(frozen=True)
class Plan:
    """What to evaluate, and against what.

    Attributes
    ----------
    from_year, to_year : first and last year of origins; None = as far as the register supports them, to the last of
        each clock
    lag_months : reporting lag; None = the catalogue's, 0 = by event dates, as if everything were on record at once
    snapshot : the day the file was written; None = its "last updated" column
    rivals : those whose library is not installed are left out, and said in the notes
    """

    from_year: int | None = None
    to_year: int | None = None
    step_months: int = 12
    lag_months: float | None = None
    snapshot: np.datetime64 | None = None
    measures: Measures = MEASURES
    rivals: tuple[Rival, ...] = RIVALS


DEFAULT = Plan()


@dataclass(frozen=True)
class Evaluation:
    """Everything found, and what it rests on."""

    catalog: str
    snapshot: np.datetime64
    lag_months: float
    recipe: str  # SHA-256
    origins: Origins
    measures: Measures
    labels: Mapping[str, Words]  # of the models
    clocks: Mapping[Clock, ClockResult]
    notes: tuple[Words, ...]  # what was left out, and why


@dataclass(frozen=True)
class _Register:
    """The file with all that is known of it at its snapshot."""

    rows: pd.DataFrame
    catalog: Catalog
    recipe: Recipe
    whole: Timeline
    index: EventIndex  # asked strictly before each review date, so it may know the rest
    group: NDArray[np.intp]  # (n,) projects of one investor share a number


@dataclass(frozen=True)
class _Stand:
    """One origin: what was known on the day of the n projects before it, and what luodi says of the t after it."""

    known: Timeline  # of the n
    trained: NDArray[np.intp]  # those of the n that train
    tested: NDArray[np.intp]  # (t,) rows of the file
    lessons: Features  # of the trained
    questions: Features  # of the tested
    luodi: Mapping[Clock, Floats]  # (t,) each


def evaluate(
    rows: pd.DataFrame, catalog: Catalog, recipe: Recipe, plan: Plan = DEFAULT, on_step: Step | None = None
) -> Evaluation:
    """Return how well luodi and its rivals would have forecast this register from rolling origins.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...), typed
    on_step : called with (done, total, what) after each piece of work

    Raises
    ------
    DataError
        The file does not say when it was written, or no origin has both outcomes to learn from and projects to test.
    """
    rivals, absent = at_hand(plan.rivals)
    plan = replace(plan, rivals=rivals)
    register = _register(rows, catalog, recipe, plan)
    origins = _origins(register, plan)
    tell = _teller(on_step, len(origins.days) + sum(len(origins.of(clock)) for clock in catalog.clocks))
    found: dict[Clock, list[Forecasts]] = {clock: [] for clock in catalog.clocks}
    notes = list(absent)
    for day in origins.days:
        past = _rows(rows, np.flatnonzero(register.whole.entry < day))
        known = trace(past, catalog, as_of=day, snapshot=register.whole.as_of, lag_months=plan.lag_months)
        asked = [clock for clock in catalog.clocks if day in origins.of(clock)]
        faults = {clock: _fault(register, known, clock, origins) for clock in asked}
        notes += [fault for fault in faults.values() if fault is not None]
        stand = None if all(faults.values()) else _stand(register, past, known, origins.after(day))
        tell(Words(f"以 {day} 所知训练", f"trained on what was known on {day}"))
        for clock, fault in faults.items():
            if stand is not None and fault is None:
                found[clock].append(_forecasts(register, stand, clock, plan))
            tell(Words(f"{day} {CLOCKS[clock].zh}：其他做法已算完", f"{day} {CLOCKS[clock].en}: rivals have answered"))
    return _evaluation(register, origins, plan, found, notes)


def _teller(on_step: Step | None, total: int) -> Callable[[Words], None]:
    count = iter(range(1, total + 1))

    def tell(what: Words) -> None:
        if on_step is not None:
            on_step(next(count), total, what)

    return tell


def _register(rows: pd.DataFrame, catalog: Catalog, recipe: Recipe, plan: Plan) -> _Register:
    snapshot = snapshot_day(rows, catalog) if plan.snapshot is None else plan.snapshot
    if snapshot is None:
        raise DataError(_NO_SNAPSHOT)
    whole = trace(rows, catalog, as_of=snapshot, snapshot=snapshot, lag_months=plan.lag_months)
    filed = as_filed(rows, catalog, Volatile(recipe.attributes.volatile))
    index = EventIndex.build(filed, whole, catalog, FeatureBuilder(catalog).salt)
    return _Register(rows, catalog, recipe, whole, index, groups(rows, catalog))


def _origins(register: _Register, plan: Plan) -> Origins:
    if plan.from_year is not None and plan.to_year is not None:
        days = every(plan.from_year, plan.to_year, plan.step_months)
        return Origins(days, plan.step_months, Words("起点由使用者指定", "origins as asked for"))
    found = supported(register.whole, register.catalog, plan.step_months)
    first = found.days[0] if plan.from_year is None else np.datetime64(f"{plan.from_year:04d}-01-01")
    last = found.days[-1] if plan.to_year is None else np.datetime64(f"{plan.to_year:04d}-12-31")
    days = every(int(str(first)[:4]), int(str(last)[:4]), plan.step_months)
    days = tuple(day for day in days if first <= day <= last)
    return replace(found, days=days, last=found.last if plan.to_year is None else {})


def _fault(register: _Register, known: Timeline, clock: Clock, origins: Origins) -> Words | None:
    """Return why a clock cannot be evaluated at an origin, None where it can."""
    spec, day = register.catalog.clocks[clock], known.as_of
    if not person_periods(known, spec, register.catalog).event.any():
        return Words(
            f"{day} {CLOCKS[clock].zh}：此前没有可学习的结果，略过",
            f"{day} {CLOCKS[clock].en}: no outcome to learn from; left out",
        )
    _, mature = outcome(register.whole, spec, register.catalog)
    if not (mature & entered_in(register.whole, day, origins.after(day))).any():
        return Words(
            f"{day} {CLOCKS[clock].zh}：其后没有成熟项目，略过",
            f"{day} {CLOCKS[clock].en}: no mature project to test; left out",
        )
    return None


def _stand(register: _Register, past: pd.DataFrame, known: Timeline, end: np.datetime64) -> _Stand:
    day, whole, catalog = known.as_of, register.whole, register.catalog
    lag, recipe = whole.lag_months, register.recipe
    model = asked_model(known_on(past, catalog, as_of=day, snapshot=whole.as_of, lag_months=lag, recipe=recipe))
    trained = np.flatnonzero(known.admitted)
    tested = np.flatnonzero(entered_in(whole, day, end))
    questions = model.builder.replay(_rows(register.rows, tested), register.index)
    return _Stand(
        known=known,
        trained=trained,
        tested=tested,
        lessons=model.builder.replay(_rows(past, trained)),
        questions=questions,
        luodi={clock: told.figure for clock, told in model.figures(questions).items()},
    )


def _rows(rows: pd.DataFrame, chosen: NDArray[np.intp]) -> pd.DataFrame:
    return rows.iloc[chosen].reset_index(drop=True)


def _forecasts(register: _Register, stand: _Stand, clock: Clock, plan: Plan) -> Forecasts:
    spec = register.catalog.clocks[clock]
    event, mature = outcome(register.whole, spec, register.catalog)
    own = mature[stand.tested]
    asked = stand.tested[own]
    lesson = _lesson(register, stand, spec, own)
    answers = event[asked]
    chances = {LUODI: stand.luodi[clock][own]}
    for rival in plan.rivals:
        given = replace(lesson, answers=answers) if rival.knows_answers else lesson
        chances[rival.id] = rival.chances(given)
    return Forecasts(
        origin=stand.known.as_of,
        sample=Sample(answers, chances, register.group[asked]),
        entered=register.whole.entry[asked],
        immature=int((~own).sum()),
        trained=len(stand.trained),
        events=int(lesson.periods.event.sum()),
    )


def _lesson(register: _Register, stand: _Stand, spec: ClockSpec, own: NDArray[np.bool_]) -> Lesson:
    catalog, known, trained = register.catalog, stand.known, stand.trained
    periods = person_periods(known, spec, catalog)
    within, mature = outcome(known, spec, catalog)
    place = np.zeros(len(known.entry), dtype=np.intp)
    place[trained] = np.arange(len(trained))
    return Lesson(
        train=stand.lessons,
        test=replace(stand.questions, matrix=stand.questions.matrix[own], unseen=stand.questions.unseen[own]),
        periods=replace(periods, project=place[periods.project]),
        horizon=periods.n_periods,
        clock=spec.clock,
        entered=known.entry[trained],
        reached=(known.known[spec.clock] <= known.as_of)[trained].astype(np.float64),
        within=within[trained],
        mature=mature[trained],
        seed=register.recipe.seed,
        threads=register.recipe.threads,
    )


def _evaluation(
    register: _Register,
    origins: Origins,
    plan: Plan,
    found: Mapping[Clock, list[Forecasts]],
    notes: list[Words],
) -> Evaluation:
    catalog = register.catalog
    clocks = {
        clock: compare(clock, catalog.clocks[clock].horizon_months, forecasts, plan.measures)
        for clock, forecasts in found.items()
        if forecasts
    }
    if not clocks:
        raise DataError(_NOTHING)
    return Evaluation(
        catalog=catalog.name,
        snapshot=register.whole.as_of,
        lag_months=register.whole.lag_months,
        recipe=register.recipe.digest,
        origins=origins,
        measures=plan.measures,
        labels={LUODI: _LUODI_LABEL, **{rival.id: rival.label for rival in plan.rivals}},
        clocks=clocks,
        notes=tuple(notes),
    )


_NO_SNAPSHOT = Words(
    zh="回溯检验：须知道文件写成之日；文件没有最后更新日期；请用 --snapshot 给出",
    en="rolling evaluation: the day the file was written must be known; got no last-updated date; "
    "give it with --snapshot",
)
_NOTHING = Words(
    zh="回溯检验：所指定的年份须有此前的结果可学、其后的成熟项目可检验；实际没有起点；请改用 --from/--to 其他年份",
    en="rolling evaluation: the years asked for need outcomes before and mature projects after an origin; "
    "got not one such origin; name other years with --from and --to",
)
