"""A county's register with a known truth: what its ledger shows, what was filed, and what was true."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.catalog import Catalog
from features.synthetic.county import Drawn, draw, review_days
from features.synthetic.design import Design, Seeds, Stream
from features.synthetic.frame import Columns, county_catalog, identity, spelled, typed_rows
from features.synthetic.gaps import with_gaps
from features.synthetic.investors import Days, pool
from features.synthetic.ledger import Events, aftermath, dated, milestones, recorded
from features.synthetic.lives import Curves
from features.synthetic.progress import VOLATILE, overwritten
from features.synthetic.shocks import path
from features.synthetic.truth import lived, true_curves, truth_of

FILED_BEFORE = (5, 25)  # days between the filing of a sheet and its review
ROUND_AFTER = 30  # days between the snapshot and a round, unless told


@dataclass(frozen=True)
class Round:
    """Projects up for review, not in the register: their sheets and their truth, one row each."""

    rows: pd.DataFrame
    truth: pd.DataFrame


@dataclass(frozen=True)
class Register:
    """An invented register: the projects reviewed by its snapshot.

    Attributes
    ----------
    history : typed rows with milestones as the ledger shows them at the snapshot
    filings : the same projects, row by row, as filed before the review: nothing overwritten, no milestone
    truth : row by row, as ``features.synthetic.truth.truth_of`` explains
    design, seed : what it was drawn from
    debut : first review of each investor of the county, shape (n_investors,)
    """

    history: pd.DataFrame
    filings: pd.DataFrame
    truth: pd.DataFrame
    design: Design
    seed: int
    debut: Days

    def curves(self, truth: pd.DataFrame, months: int) -> Curves:
        """Return the exact curves of the projects of a truth, of the register or a round, under the shock to come."""
        return true_curves(truth, path(self.design, self.seed), self.design.first_year, months)

    def new_round(self, n: int, seed: int, day: np.datetime64 | None = None) -> Round:
        """Return ``n`` new projects of the same county, reviewed on ``day`` (default: a month after the snapshot).

        Investors of the register may come again. The shock goes on as it would have: ``p_landed`` is the average over
        all shocks, ``p_landed_given_shock`` what comes of the one that the county meets.
        """
        seeds, catalog = Seeds(self.seed, branch=1 + seed), county_catalog()
        meeting = self.design.day + ROUND_AFTER if day is None else day
        reviewed = np.full(n, meeting, dtype="datetime64[D]")
        drawn = draw(pool(self.design, self.seed), reviewed, self.design, seeds, self.debut)
        shock = path(self.design, self.seed)
        sheets = _sheets(drawn, f"SYN-R{seed}-", catalog, self.design, seeds)
        truth = truth_of(drawn, sheets["project_uid"], lived(drawn, shock, self.design, seeds), shock, self.design)
        return Round(typed_rows(sheets, catalog), truth)


def generate(design: Design, *, seed: int) -> Register:
    """Invent a register: the same design and seed give the same one, to the bit.

    Examples
    --------
    >>> register = generate(Design(n_projects=50), seed=1)
    >>> len(register.history), register.history["project_uid"].iloc[0]
    (50, 'SYN-00001')
    """
    catalog, seeds, shock = county_catalog(), Seeds(seed), path(design, seed)
    drawn = draw(pool(design, seed), review_days(design, seeds), design, seeds)
    events = lived(drawn, shock, design, seeds)
    sheets = _sheets(drawn, "SYN-", catalog, design, seeds)
    ledger = _ledger(drawn, events, catalog, design, seeds)
    frames = (
        typed_rows(sheets | ledger, catalog),
        typed_rows(sheets, catalog),
        truth_of(drawn, sheets["project_uid"], events, shock, design),
    )
    seen = drawn.pipeline.reviewed <= design.day
    history, filings, truth = (frame[seen].reset_index(drop=True) for frame in frames)
    return Register(history, filings, truth, design, seed, drawn.debut)


def _sheets(drawn: Drawn, uid: str, catalog: Catalog, design: Design, seeds: Seeds) -> Columns:
    """Return the columns as filed some days before the review."""
    reviewed = drawn.pipeline.reviewed
    before = seeds.rng(Stream.PAPERS, "filed").integers(*FILED_BEFORE, size=len(reviewed), endpoint=True)
    named = identity(drawn.pipeline, drawn.industry, uid)
    sheet = spelled(with_gaps(drawn.values, catalog, design, seeds), catalog)
    return named | sheet | {"filed_on": reviewed - before.astype("timedelta64[D]")}


def _ledger(drawn: Drawn, real: Events, catalog: Catalog, design: Design, seeds: Seeds) -> Columns:
    """Return the columns that the ledger adds to the sheets, or writes over them, by the snapshot."""
    reviewed, values = drawn.pipeline.reviewed, drawn.values
    shown = dated(real, reviewed, design, seeds)
    dates, seen = milestones(shown, recorded(real, shown, design, seeds), reviewed, design, seeds)
    signed, today = dates["signed_date"], np.full(len(reviewed), design.day)
    after = spelled(aftermath(seen, signed, values["total_investment"], seeds), catalog)
    columns = dates | after | {"last_updated": today}
    if not design.overwrite:
        return columns
    now = overwritten(values, real.until(design.day), signed, reviewed, seeds)
    volatile = with_gaps({name: now[name] for name in VOLATILE}, catalog, design, seeds)
    return columns | spelled(volatile, catalog) | {"filed_on": today}
