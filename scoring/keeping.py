"""A round scored for the store: filings and scores are gathered piece by piece, and kept once they are ranked."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from features.refiling import PROJECT_UID
from features.tables import Batch
from scoring.engine import Scored, Scorer
from scoring.outcomes.columns import key_is_number
from scoring.ranking import ROUND_COLUMNS
from scoring.review.filings import Admitted, Sheet
from scoring.review.models import User
from scoring.review.rounds import Verdicts, explanations, keep_round


@dataclass
class RoundKeeper:
    """Keeps one round in the store under its name; rows that could not be read are not in it.

    Attributes
    ----------
    recorded_on : the day on which its filings came to be known
    source : the name of the file
    admitted : what was new, once the round is kept
    """

    name: str
    scorer: Scorer
    recorded_on: date
    source: str
    by: User
    admitted: Admitted | None = None
    _rows: list[pd.DataFrame] = field(default_factory=list)
    _lines: list[int] = field(default_factory=list)
    _frames: list[pd.DataFrame] = field(default_factory=list)
    _why: list[dict[str, Any]] = field(default_factory=list)

    def take(self, batch: Batch, scored: Scored) -> None:
        """Take one more piece of the file."""
        self._rows.append(batch.rows)
        self._lines += batch.lines.tolist()
        self._frames.append(scored.frame)
        self._why += explanations(scored.assessment)

    def finish(self, placed: pd.DataFrame) -> None:
        """Keep the round, all of it or nothing.

        Parameters
        ----------
        placed : (n, ...) the columns of the round, by row of the file

        Raises
        ------
        Refused
            There is a round of that name, or the store cannot be reached.
        """
        frame = pd.concat(self._frames, ignore_index=True)
        frame = frame.assign(**{name: placed[name].to_numpy() for name in ROUND_COLUMNS})
        catalog = self.scorer.model.catalog
        rows = pd.concat(self._rows, ignore_index=True)
        if key_is_number(catalog):
            rows = rows.assign(**{PROJECT_UID: rows[catalog.key]})  # as a ledger of the same projects names them
        sheet = Sheet(rows, catalog, self.recorded_on, self.source, self._lines)
        verdicts = Verdicts(frame, self._why, self.scorer.digest, self.scorer.policy)
        self.admitted = keep_round(self.name, sheet, verdicts, self.by)
