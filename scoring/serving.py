"""What MLflow loads and serves: a bundle that two people approved, answering as ``luodi score`` does.

The rim of a process of its own: it reads the day of a request, and the store. MLflow finds `_load_pyfunc` by name.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.errors import DataError, DiligenceError, Refused
from features.words import Language, Words
from models.served_columns import ANSWERS
from models.tracking import bad_request
from scoring.engine import Scorer, interval_columns
from scoring.loading import approved, load_scorer
from scoring.requests import Sifted, sift
from scoring.writing import significant

REJECTED = "rejected"


def _load_pyfunc(path: str) -> "Served":
    """Return the model in a bundle's folder, for MLflow.

    Raises
    ------
    BundleError
        If the folder is no bundle, or was changed.
    Refused
        If nobody has approved the bundle.
    """
    scorer = load_scorer(Path(path), None, Language.ZH)
    # In a thread of its own: MLflow's server loads models inside an event loop, where Django asks no database.
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(_ask, scorer.digest).result()
    return Served(scorer)


def _ask(digest: str) -> None:
    try:
        approved(digest)
    finally:
        from django.db import connections  # set up by the question

        connections.close_all()  # those of this thread


@dataclass(frozen=True)
class Served:
    """An approved model that answers requests."""

    scorer: Scorer

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return the answer to each row of a request, in its order.

        Parameters
        ----------
        model_input : DataFrame of shape (n, n_columns)
            As the signature says: doubles and text.
        params : ``as_of``, a day written 2026-03-01, "" = today; ``lang``, "zh" or "en"

        Returns
        -------
        DataFrame of shape (n, 9)
            The columns of `ANSWERS`, None where there is nothing to say: JSON knows no NaN. A row that no sheet could
            hold is "rejected", with its problems.

        Raises
        ------
        MlflowException
            INVALID_PARAMETER_VALUE, status 400: a request that cannot be scored, with what is wrong in it.
        """
        asked = params or {}
        try:
            language = _language(asked.get("lang") or Language.ZH)
            as_of = _day(asked.get("as_of") or "")
            sifted = sift(model_input, self.scorer.model.catalog, as_of, language)
        except DiligenceError as error:
            raise bad_request(str(error)) from error
        return self._answers(sifted, len(model_input), language)

    def _answers(self, sifted: Sifted, n: int, language: Language) -> pd.DataFrame:
        answers = {name: np.full(n, None, dtype=object) for name in ANSWERS}
        answers["model_hash"][:] = self.scorer.digest
        for place, problems in sifted.problems.items():
            answers["status"][place], answers["problems"][place] = REJECTED, problems
        if len(sifted.rows):
            frame = replace(self.scorer, language=language).score(sifted.rows, sifted.flags).frame
            low, high = interval_columns(self.scorer.model.catalog)
            frame = frame.rename(columns={low: "p_low", high: "p_high"})
            for name, is_figure in ANSWERS.items():
                if name in frame:
                    answers[name][sifted.places] = _cells(frame[name], is_figure)
        return pd.DataFrame(answers, dtype=object)  # pandas would make NaN of None in columns of text


def _cells(column: "pd.Series[Any]", is_figure: bool) -> "np.ndarray[Any, np.dtype[Any]]":
    """Return a column as a scored file has it, None for what is missing."""
    told = significant(column.to_numpy(np.float64)) if is_figure else column.to_numpy(object)
    return np.array([None if cell is None or cell != cell or cell == "" else cell for cell in told.tolist()], object)


def _language(said: str) -> Language:
    if said not in set(Language):
        raise Refused(Words(f"lang 须为 zh 或 en；实际 {said!r}。", f"lang must be zh or en; got {said!r}."))
    return Language(said)


def _day(text: str) -> np.datetime64:
    try:
        return np.datetime64(date.fromisoformat(text) if text else datetime.now().astimezone().date())
    except ValueError as error:
        raise DataError(
            Words(
                zh=f"as_of 须写成 2026-03-01 这样的日期；实际 {text!r}。",
                en=f"as_of must be a day written as 2026-03-01; got {text!r}.",
            )
        ) from error
