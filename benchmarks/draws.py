"""Small draws of a register, and how luodi and its rivals answer after having learned from one.

A draw is read from the start: history counts its own projects alone, and every model is given the same of it.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from features.catalog import Catalog, Clock
from features.catalogs.reader import read_catalog
from features.inputs import Features
from features.synthetic import Design, generate
from features.tables import Purpose, open_table
from features.timeline import outcome, person_periods, snapshot_day, trace
from models.metrics import Floats, auc, log_loss
from models.origins import entered_in
from models.recipe import Recipe, read_recipe
from models.rivals import RIVALS, Lesson
from models.training import Known, asked_model, known_on

REGISTER = "repd-q2-july-2024.csv"
COUNTIES = (3000, 3000, 3000, 1800, 5000)  # projects in each invented register, the first of seed 1
QUICK = 600  # the same where it is only tried out
NEW = 600
ALL = 10**9
LUODI, CONSTANT = "luodi", "constant"
HELD_TO = ("expert_card", "logistic_hazard", "lightgbm_hazard", "classifier_mature", "classifier_tuned")

Answers = Mapping[Clock, Floats]  # chances that are true, or what came; NaN = nobody knows yet
Scores = Mapping[Clock, Mapping[str, Mapping[str, float]]]  # clock -> model -> metric


@dataclass(frozen=True)
class Ground:
    """Where draws are made: the projects known on a day, and those asked about.

    Attributes
    ----------
    past : projects to draw from
    asked : the new ones
    answers : of the new ones, (t,) by clock
    """

    past: pd.DataFrame
    catalog: Catalog
    as_of: np.datetime64
    lag_months: float | None
    asked: pd.DataFrame
    answers: Answers


@dataclass(frozen=True)
class Draw:
    """One subset of one register: `where` is the year of an origin, or the seed of a county."""

    register: str
    where: int
    size: int
    number: int
    quick: bool = False

    @property
    def seed(self) -> list[int]:
        """What the draw is made with."""
        return [self.where, min(self.size, 2**31), self.number]


@dataclass(frozen=True)
class Measured:
    """What a draw showed, and how long each model took, in seconds."""

    draw: Draw
    scores: Scores
    seconds: Mapping[str, float]


@cache
def ground_of(register: str, where: int, *, quick: bool) -> Ground:
    """Return the ground of draws, made once in each process."""
    return _real(where) if register == "repd" else _invented(where, QUICK if quick else COUNTIES[where - 1])


def _real(year: int) -> Ground:
    catalog = read_catalog("repd")
    rows = open_table(Path(os.environ["LUODI_REPD"]) / REGISTER, catalog, Purpose.HISTORY).read().rows
    day, after = (np.datetime64(f"{one}-01-01", "D") for one in (year, year + 1))
    snapshot = snapshot_day(rows, catalog)
    assert snapshot is not None, "the register says when it was written"
    whole = trace(rows, catalog, as_of=snapshot, lag_months=0.0)
    known = trace(rows, catalog, as_of=day, snapshot=snapshot, lag_months=0.0)
    asked = np.flatnonzero(entered_in(whole, day, after))
    answers = {}
    for clock, spec in catalog.clocks.items():
        came, mature = outcome(whole, spec, catalog)
        answers[clock] = np.where(mature, came, np.nan)[asked]
    past = rows.iloc[np.flatnonzero(known.admitted)].reset_index(drop=True)
    return Ground(past, catalog, day, 0.0, rows.iloc[asked].reset_index(drop=True), answers)


def _invented(seed: int, n_projects: int) -> Ground:
    catalog, register = read_catalog("zhaoshang"), generate(Design(n_projects=n_projects), seed=seed)
    new = register.new_round(NEW, seed=seed)
    answers = {clock: new.truth[f"p_{clock}"].to_numpy() for clock in catalog.clocks}
    return Ground(register.history, catalog, register.design.day, None, new.rows, answers)


def measured(draw: Draw) -> Measured:
    """Return how each model answers after having learned from one draw."""
    ground, recipe = ground_of(draw.register, draw.where, quick=draw.quick), _recipe(quick=draw.quick)
    taken = min(draw.size, len(ground.past))
    some = np.sort(np.random.default_rng(draw.seed).permutation(len(ground.past))[:taken])
    rows = ground.past.iloc[some].reset_index(drop=True)
    known = known_on(rows, ground.catalog, as_of=ground.as_of, lag_months=ground.lag_months, recipe=recipe)
    seconds = {LUODI: -time.perf_counter()}
    model, questions = asked_model(known), known.builder.replay(ground.asked)
    said = {clock: {LUODI: told.figure} for clock, told in model.figures(questions).items()}
    seconds[LUODI] += time.perf_counter()
    for clock in said:
        lesson = lesson_of(known, questions, clock)
        for rival in (rival for rival in RIVALS if rival.id in (*HELD_TO, CONSTANT)):
            begun = time.perf_counter()
            said[clock][rival.id] = rival.chances(lesson)
            seconds[rival.id] = seconds.get(rival.id, 0.0) + time.perf_counter() - begun
    scores = {
        clock: {name: scored(ground.answers[clock], chances) for name, chances in by_model.items()}
        for clock, by_model in said.items()
    }
    return Measured(draw, scores, seconds)


@cache
def _recipe(*, quick: bool) -> Recipe:
    recipe = replace(read_recipe(), threads=1)
    return replace(recipe, trees=replace(recipe.trees, rounds=30)) if quick else recipe


def lesson_of(known: Known, questions: Features, clock: Clock) -> Lesson:
    """Return what a rival is given of a draw: the same projects, features and days."""
    timeline, spec = known.timeline, known.catalog.clocks[clock]
    trained = np.flatnonzero(timeline.admitted)
    place = np.zeros(len(timeline.entry), dtype=np.intp)
    place[trained] = np.arange(len(trained))
    periods = person_periods(timeline, spec, known.catalog)
    within, mature = outcome(timeline, spec, known.catalog)
    features = known.features
    return Lesson(
        train=replace(features, matrix=features.matrix[trained], unseen=features.unseen[trained]),
        test=questions,
        periods=replace(periods, project=place[periods.project]),
        horizon=periods.n_periods,
        clock=clock,
        entered=timeline.entry[trained],
        reached=(timeline.known[clock] <= timeline.as_of)[trained].astype(np.float64),
        within=within[trained],
        mature=mature[trained],
        seed=known.recipe.seed,
        threads=known.recipe.threads,
    )


def scored(answers: Floats, chances: Floats) -> Mapping[str, float]:
    """Return AUC and log loss against outcomes, or those to be expected where the answers are chances.

    Examples
    --------
    >>> scored(np.array([1.0, 0.0, np.nan]), np.array([0.5, 0.5, 0.9]))["auc"]
    0.5
    """
    known = ~np.isnan(answers)
    true, said = answers[known], chances[known]
    came = np.repeat([1.0, 0.0], len(true))  # each project twice: it came with its chance, and did not with the rest
    order = auc(came, np.tile(said, 2), np.concatenate([true, 1 - true]))
    return {"auc": float(order), "log_loss": float(log_loss(true, said))}
