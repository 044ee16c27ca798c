"""A ledger as it stands: what is to be said of every project of it, and which ones to look at first."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.catalog import DAYS_PER_MONTH, Catalog, Clock
from features.milestones import Days
from features.refiling import PROJECT_UID
from features.standing import Stage, Standings, standing
from features.terms import CLOCKS
from features.timeline import Timeline
from features.words import Language, Words
from models.forecast import Forecast, forecast
from models.model import Model
from scoring.batch import Outputs
from scoring.flags import FLAGS, Flag
from scoring.sinks import CsvFile, arrow
from scoring.wording import CLAUSE, Texts, append, blank
from scoring.writing import published

Mask = NDArray[np.bool_]

HARDLY = 0.1  # chance while followed, below which dates of when it would come say nothing
MORE_LIKELY_NOT = 0.5
ALIKE = 3  # digits of a chance that people are shown: what is equal in them is equal
LISTS = (Stage.WAITING, Stage.BUILDING)

STAGES = {
    Stage.NOT_ENTERED: Words("尚未进入", "not entered"),
    Stage.WAITING: Words("签约未开工", "waiting to start"),
    Stage.BUILDING: Words("开工未投产", "under construction"),
    Stage.PRODUCED: Words("已投产", "in production"),
    Stage.WITHDRAWN: Words("已退出", "withdrawn"),
    Stage.REFILED: Words("已重新申报", "filed anew"),
}
WAITING_FOR_PRODUCTION = Words("待投产", "waiting to produce")  # a register that knows no starts
STARTED = Words("已开工", "started")  # a register that knows no production
NEXT = {**CLOCKS, Clock.FINISHED: CLOCKS[Clock.PRODUCED]}


@dataclass(frozen=True)
class Outlook:
    """A ledger of n projects on a day: where each stands, and what is to be expected of it within the window.

    Attributes
    ----------
    concern : (n,) place among the projects of the same stage, 1 = least likely to have its next milestone within the
        window, the older first among equals; missing where there is no figure
    months : the window
    name, digest : how files call the model, and its hash
    cold : whether the model is an expert card without a single outcome
    """

    catalog: Catalog
    rows: pd.DataFrame
    timeline: Timeline
    standings: Standings
    forecast: Forecast
    concern: NDArray[np.float64]
    months: int
    name: str
    digest: str
    cold: bool

    @property
    def running(self) -> Mask:
        """The projects on their way, (n,): they wait, or are being built."""
        return np.isin(self.standings.stage, LISTS)

    @property
    def followed_months(self) -> int:
        """For how many months the model follows a life: one figure for all clocks of a catalogue."""
        return max(spec.reach_months for spec in self.catalog.clocks.values())

    @property
    def beyond(self) -> Mask:
        """The running projects older than any that the model followed, (n,)."""
        return np.asarray(self.running & (self.forecast.remaining <= 0))


def outlook(model: Model, rows: pd.DataFrame, timeline: Timeline, months: int, named: tuple[str, str]) -> Outlook:
    """Return how a ledger stands on the timeline's day and what is to be expected within so many months.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, ...), typed; cells overwritten since the filing are not read
    timeline : of the same rows
    named : the model's name and its hash
    """
    stands = standing(timeline)
    said = forecast(model, model.builder.replay(rows), stands, months)
    concern = np.full(len(rows), np.nan)
    for stage in LISTS:
        listed = np.flatnonzero((stands.stage == stage) & ~np.isnan(said.within))
        order = np.lexsort((-said.age[listed], np.round(said.within[listed], ALIKE)))
        concern[listed[order]] = np.arange(1, len(listed) + 1)
    return Outlook(model.catalog, rows, timeline, stands, said, concern, months, *named, model.cold)


def frame(found: Outlook, language: Language) -> pd.DataFrame:
    """Return one row for each project of the ledger, in its order: what the file of forecasts holds."""
    said, rows, catalog = found.forecast, found.rows, found.catalog
    dated = (said.ever >= HARDLY) & (said.remaining >= found.months)
    names = {catalog.key: rows[catalog.key]}
    if PROJECT_UID in rows and catalog.key != PROJECT_UID:
        names[PROJECT_UID] = rows[PROJECT_UID]
    columns = {
        "stage": stages(found, language),
        "months_waited": np.round(found.standings.months_waited, 1),
        "months_built": np.round(found.standings.months_built, 1),
        "next_milestone": _next(said, language),
        "within_months": np.full(len(rows), found.months),
        "p_next_within": said.within,
        "p_produced_within": said.produced,
        "expected_from": _days(found, np.where(dated, said.early, np.nan)),
        "expected_to": _days(found, np.where(dated, said.late, np.nan)),
        "overdue_months": np.round(said.overdue, 1),
        "concern": found.concern,
        "note": notes(found, language),
        "model": np.full(len(rows), found.name, dtype=object),
        "model_hash": np.full(len(rows), found.digest, dtype=object),
    }
    return pd.DataFrame({**names, **columns}, index=rows.index)


def stages(found: Outlook, language: Language) -> Texts:
    """Return in words where each project stands, (n,)."""
    words = dict(STAGES)
    if Clock.LANDED not in found.catalog.clocks:
        words[Stage.WAITING] = WAITING_FOR_PRODUCTION
    if Clock.PRODUCED not in found.catalog.clocks:
        words[Stage.BUILDING] = STARTED
    return np.array([words[Stage(stage)].said(language) for stage in found.standings.stage], dtype=object)


def notes(found: Outlook, language: Language) -> Texts:
    """Return what a reader must know of each row beside its figures, or in their place, (n,)."""
    texts = blank(len(found.rows))
    for mask, words in _remarks(found):
        append(texts, mask, words.said(language), CLAUSE[language])
    unlikely = (found.forecast.ever < MORE_LIKELY_NOT) & (found.forecast.remaining >= found.months)
    last = _days(found, found.forecast.remaining)[unlikely]
    append(texts, unlikely, np.array([_unlikely(day).said(language) for day in last], dtype=object), CLAUSE[language])
    return texts


def _remarks(found: Outlook) -> list[tuple[Mask, Words]]:
    """Return what is said of many rows in the same words, each with the rows it is said of."""
    said, stage, rejected = found.forecast, found.standings.stage, found.timeline.rejected
    silent = np.array([clock is None for clock in said.awaited], dtype=np.bool_)
    followed = found.running & (said.remaining > 0)
    return [
        (~np.isnan(said.within) & found.cold, FLAGS[Flag.COLD]),
        (rejected, Words("日期无法采用：见 luodi check", "dates that cannot be: see luodi check")),
        (stage == Stage.REFILED, Words("已重新申报：见新的一行", "filed anew since: see that row")),
        (
            ~rejected & (stage == Stage.NOT_ENTERED),
            Words("当日尚未进入：用 luodi score 评分", "not entered by the day: luodi score tells its chances"),
        ),
        (found.running & silent, _no_clock(found.catalog)),
        (found.beyond, _too_old(found.followed_months)),
        (
            followed & np.isnan(said.within),
            Words("按模型早该实现：请人工判断", "the model expected it long ago: judge by hand"),
        ),
        (
            followed & (said.remaining < found.months),
            Words(
                "窗口超出模型跟踪的期限，其后按最后一期推算",
                "beyond what the model followed, its last level is taken on",
            ),
        ),
    ]


def _too_old(months: int) -> Words:
    return Words(
        f"比模型跟踪的 {months} 个月更久：请人工判断，或在目录中调大 reach_months 后重新训练",
        f"older than the {months} months the model followed: judge by hand, "
        "or raise reach_months in the catalogue and train anew",
    )


def _no_clock(catalog: Catalog) -> Words:
    if Clock.PRODUCED not in catalog.clocks:
        return Words("目录没有下一个里程碑", "the catalogue has no later milestone")
    return Words(
        "模型没有从开工到投产的时钟：请重新训练", "the model has no clock from start to production: train anew"
    )


def _unlikely(day: np.datetime64) -> Words:
    return Words(f"到 {day} 仍未实现的可能更大", f"more likely not by {day}")


def _next(said: Forecast, language: Language) -> Texts:
    return np.array([NEXT[clock].said(language) if clock else "" for clock in said.awaited], dtype=object)


def _days(found: Outlook, months: NDArray[np.float64]) -> Days:
    """Return the days so many months after the one on which the ledger stands, (n,)."""
    known = np.isfinite(months)
    ahead = np.round(np.where(known, months, 0.0) * DAYS_PER_MONTH).astype("timedelta64[D]")
    return np.where(known, found.timeline.as_of + ahead, np.datetime64("NaT", "D"))


def written(table: pd.DataFrame, rejects: pd.DataFrame, outputs: Outputs) -> Path | None:
    """Write the forecasts, and beside them the rows that could not be read, if any; return where those are."""
    aside = outputs.rejects_or_beside
    with published(outputs.scored, aside) as (draft, beside):
        with CsvFile(draft, outputs.scored) as file:
            file.add(arrow(table))
        with CsvFile(beside, aside) as file:
            file.add(arrow(rejects))
        if rejects.empty and not aside.exists():
            beside.unlink()
    return None if rejects.empty else aside
