"""A scored round is kept: its filings, and what the model said of each, with the reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.errors import Refused
from features.reading.headers import readable
from features.words import Words
from scoring.assessment import Assessment
from scoring.policy import Policy
from scoring.review.audit import note
from scoring.review.filings import Admitted, Sheet, admit, catalog_text
from scoring.review.models import PolicyText, Round, Score, User
from scoring.store import settled

_BATCH = 500


@dataclass(frozen=True)
class Verdicts:
    """What was made of the n rows of a sheet.

    Parameters
    ----------
    frame : DataFrame of shape (n, ...), the scored rows in the order of the sheet, as `scoring.engine.Scored.frame`
    explanations : (n,) as of `explanations`
    """

    frame: pd.DataFrame
    explanations: Sequence[Mapping[str, Any]]
    model_hash: str
    policy: Policy


def keep_round(name: str, sheet: Sheet, verdicts: Verdicts, by: User) -> Admitted:
    """Keep a scored round under a name of its own, all of it or nothing.

    Raises
    ------
    Refused
        There is a round of that name.
    """
    with settled(alone=True):
        if Round.objects.filter(name=name).exists():
            raise Refused(
                Words(
                    zh=f"已有名为 {name!r} 的评审批次；每批只存一次。请换一个名称。",
                    en=f"there is a round named {name!r} already; a round is kept once. Choose another name.",
                )
            )
        admitted = admit(sheet, by)
        made = Round.objects.create(
            name=name,
            model_hash=verdicts.model_hash,
            catalog=catalog_text(sheet.catalog),
            policy=_policy_text(verdicts.policy),
            opened_by=by,
        )
        own = [column for column in verdicts.frame if column not in readable(sheet.catalog)]
        rows = zip(admitted.ids, records(verdicts.frame[own]), verdicts.explanations, strict=True)
        scores = {
            filing: Score(
                filing_id=filing,
                round=made,
                model_hash=verdicts.model_hash,
                figures=figures,
                explanation=dict(explanation),
            )
            for filing, figures, explanation in rows
        }
        Score.objects.bulk_create(scores.values(), batch_size=_BATCH)
        note(by, "round.keep", name, model_hash=verdicts.model_hash, scores=len(scores))
    return admitted


def explanations(found: Assessment) -> list[dict[str, Any]]:
    """Return why each of n rows has its figures: per clock the base, the figure, and each attribute's points.

    Returns
    -------
    list of n dicts; an empty one where a red line stops the project
    """
    told: list[dict[str, Any]] = [{} for _ in range(len(found.figured))]
    names = [column.id for column in found.columns]
    for clock, explained in found.clocks.items():
        parts = zip(np.flatnonzero(found.figured), explained.base, explained.figure, explained.points, strict=True)
        for row, base, figure, points in parts:
            told[row][clock.value] = {
                "base": float(base),
                "figure": float(figure),
                "points": dict(zip(names, points.tolist(), strict=True)),
            }
    return told


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON can hold them; what is missing is left out."""
    columns = [(str(name), frame[name].isna().to_numpy(), frame[name].tolist()) for name in frame]
    return [{name: values[at] for name, missing, values in columns if not missing[at]} for at in range(len(frame))]


def _policy_text(policy: Policy) -> PolicyText:
    kept: PolicyText
    kept, _ = PolicyText.objects.get_or_create(
        digest=policy.digest,
        defaults={"name": policy.name, "version": policy.version, "text": policy.text},
    )
    return kept
