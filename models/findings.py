"""The findings of an evaluation as plain data: a dictionary for JSON, and tables for a terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.terms import CLOCKS
from features.words import Words
from models.comparison import LUODI, CalibrationRow, ClockResult, CohortResult, OriginResult
from models.evaluation import Evaluation
from models.intervals import Figure
from models.metrics import metrics_at

MEANS = Words(
    "各项（AUC、ECE 等）为逐个起点之值按项目数加权的平均；某起点上无定义的不计。",
    "AUC, ECE and the other figures are means over origins, weighted by their projects; an origin where one is "
    "undefined does not count.",
)
COLUMNS = ("auc", "pr_auc", "log_loss", "brier", "ece", "precision_at_k", "ndcg_at_k", "lift_at_20pct")


@dataclass(frozen=True)
class Table:
    """A table to print: what it is, its header, and cells already written."""

    title: Words
    header: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]


def as_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Return everything found, ready for JSON: days as text, the undefined as None."""
    return {
        "catalog": evaluation.catalog,
        "snapshot": str(evaluation.snapshot),
        "reporting_lag_months": evaluation.lag_months,
        "step_months": evaluation.origins.step_months,
        "origins": [str(day) for day in evaluation.origins.days],
        "origins_reason": _words(evaluation.origins.reason),
        "k": evaluation.measures.k,
        "draws": evaluation.measures.draws,
        "seed": evaluation.measures.seed,
        "recipe": evaluation.recipe,
        "clocks": {clock.value: clock_dict(result, evaluation.labels) for clock, result in evaluation.clocks.items()},
        "notes": [_words(note) for note in evaluation.notes],
    }


def clock_dict(result: ClockResult, labels: Mapping[str, Words]) -> dict[str, Any]:
    """Return what was found for one clock, ready for JSON; ``labels`` are of its models."""
    return {
        "horizon_months": result.horizon_months,
        "n": result.n,
        "immature": result.immature,
        "came": result.came,
        "models": {
            name: {
                **{id_: _number(figure.value) for id_, figure in model.figures.items()},
                "label": _words(labels[name]),
                "intervals": _bounds(model.figures),
                "luodi_minus": {id_: _number(gap.value) for id_, gap in model.luodi_minus.items()},
                "luodi_minus_intervals": _bounds(model.luodi_minus),
            }
            for name, model in result.models.items()
        },
        "origins": [_origin(origin) for origin in result.origins],
        "cohorts": [_cohort(cohort) for cohort in result.cohorts],
        "calibration": [_calibration(row) for row in result.calibration],
        "notes": [_words(note) for note in result.notes],
    }


def _origin(origin: OriginResult) -> dict[str, Any]:
    return {
        "origin": str(origin.origin),
        "n": origin.n,
        "immature": origin.immature,
        "trained": origin.trained,
        "events": origin.events,
        "came": origin.came,
        "said": {name: _number(mean) for name, mean in origin.said.items()},
        "models": {name: _numbers(figures) for name, figures in origin.models.items()},
        "notes": [_words(note) for note in origin.notes],
    }


def _cohort(cohort: CohortResult) -> dict[str, Any]:
    return {
        "year": cohort.year,
        "n": cohort.n,
        "came": cohort.came,
        "said": cohort.said,
        **_numbers(cohort.figures),
    }


def _calibration(row: CalibrationRow) -> dict[str, Any]:
    return {"n": row.n, "said": row.said, "came": row.came, "low": row.low, "high": row.high}


def _bounds(figures: Mapping[str, Figure]) -> dict[str, list[float]]:
    return {id_: [figure.low, figure.high] for id_, figure in figures.items() if np.isfinite(figure.low)}


def _numbers(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {id_: _number(figure) for id_, figure in figures.items()}


def _number(figure: float) -> float | None:
    return float(figure) if np.isfinite(figure) else None


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def models_table(evaluation: Evaluation, result: ClockResult) -> Table:
    """Return one row per model: its means over origins, and how far luodi's AUC stands from it."""
    metrics = metrics_at(evaluation.measures.k)
    rows = [
        (
            evaluation.labels[name],
            *(_cell(model.figures[id_].value) for id_ in COLUMNS),
            _plain("–") if name == LUODI else _gap(model.luodi_minus["auc"]),
        )
        for name, model in result.models.items()
    ]
    header = (
        Words("模型", "model"),
        *(metrics[id_].label for id_ in COLUMNS),
        Words("Luodi 的 AUC 领先（90% 区间）", "AUC of luodi above it (90 % interval)"),
    )
    clock, months, n, came = CLOCKS[result.clock], result.horizon_months, result.n, f"{result.came:.1%}"
    title = Words(
        f"{clock.zh}（{months} 个月内）：{n} 个项目，{came} 达成，{result.immature} 个未到期未计",
        f"{clock.en} within {months} months: {n} projects, {came} came, {result.immature} immature left out",
    )
    return Table(title, header, tuple(rows))


def origins_table(evaluation: Evaluation, result: ClockResult) -> Table:
    """Return one row per origin: who trained, who was tested, what luodi said and what came."""
    header = (
        Words("起点", "origin"),
        Words("训练项目", "trained"),
        Words("检验项目", "tested"),
        Words("实际比例", "came"),
        Words("预测均值", "said"),
        Words("AUC", "AUC"),
        Words("对数损失", "log loss"),
    )
    rows = tuple(
        (
            _plain(str(origin.origin)),
            _plain(str(origin.trained)),
            _plain(str(origin.n)),
            _cell(origin.came),
            _cell(origin.said[LUODI]),
            _cell(origin.models[LUODI]["auc"]),
            _cell(origin.models[LUODI]["log_loss"]),
        )
        for origin in result.origins
    )
    return Table(
        Words(f"{CLOCKS[result.clock].zh}：逐个起点", f"{CLOCKS[result.clock].en}: origin by origin"), header, rows
    )


def calibration_table(result: ClockResult) -> Table:
    """Return luodi's forecasts in ten groups of equal count beside what came of them."""
    header = (
        Words("项目", "projects"),
        Words("预测均值", "said"),
        Words("实际比例", "came"),
        Words("90% 区间", "90 % interval"),
    )
    rows = tuple(
        (_plain(str(row.n)), _cell(row.said), _cell(row.came), _plain(f"{row.low:.3f}-{row.high:.3f}"))
        for row in result.calibration
    )
    return Table(Words(f"{CLOCKS[result.clock].zh}：校准", f"{CLOCKS[result.clock].en}: calibration"), header, rows)


def _plain(text: str) -> Words:
    return Words(text, text)


def _cell(figure: float) -> Words:
    return _plain(f"{figure:.3f}") if np.isfinite(figure) else Words("无定义", "undefined")


def _gap(figure: Figure) -> Words:
    if not np.isfinite(figure.value):
        return _cell(figure.value)
    return _plain(f"{figure.value:+.3f} [{figure.low:+.3f}, {figure.high:+.3f}]")
