"""Draw projects of the invented county: when they come, whose they are, what they file, and their true log-odds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.synthetic import fakes
from features.synthetic.design import Design, Seeds, Stream
from features.synthetic.effects import Scores, scores
from features.synthetic.investors import Days, Indices, Investors, debuts, founded
from features.synthetic.sheet import Pipeline, Values, sheet

FIRST_MEETING_DAY, LAST_MEETING_DAY = 15, 25  # of the month
SHELLS = 10_000_000  # numbers for shells, so that two fakes hardly ever share one


@dataclass(frozen=True)
class Drawn:
    """Projects as drawn: what they file and what is true of them, arrays of shape (n,)."""

    pipeline: Pipeline
    values: Values
    industry: Indices
    fake: NDArray[np.bool_]
    frailty: NDArray[np.float64]  # of the investor, log-odds on either hazard
    scores: Scores
    debut: Days  # first review of each investor, shape (n_investors,)


def review_days(design: Design, seeds: Seeds) -> Days:
    """Return the review days of a register, sorted, shape (n_projects,): a meeting a month, more projects a year."""
    rng = seeds.rng(Stream.PIPELINE)
    weight = (1 + design.growth) ** np.repeat(np.arange(design.years), 12)
    month = rng.choice(len(weight), size=design.n_projects, p=weight / weight.sum())
    meeting = rng.integers(FIRST_MEETING_DAY, LAST_MEETING_DAY, size=len(weight), endpoint=True)
    first = np.datetime64(f"{design.first_year}-01", "M")
    days = (first + month).astype("datetime64[D]") + (meeting[month] - 1)
    return np.sort(days)


def draw(firms: Investors, reviewed: Days, design: Design, seeds: Seeds, debut: Days | None = None) -> Drawn:
    """Return projects with these review days.

    Parameters
    ----------
    firms, design : the investors of the county, and how it is invented
    reviewed : review days, shape (n,)
    seeds : the streams of this drawing
    debut : first review of each investor in the register, shape (n_investors,); None = this is the register
    """
    n = len(reviewed)
    own = seeds.rng(Stream.PIPELINE, "investor").choice(len(firms), size=n, p=firms.popularity)
    if debut is None:
        debut = debuts(firms, own, reviewed, design.day)
    fake = fakes.fake(n, design, seeds)
    pipeline = Pipeline(
        reviewed,
        investor=np.where(fake, -seeds.rng(Stream.FAKES, "shell").integers(1, SHELLS, size=n), own),
        founded=np.where(
            fake, fakes.shells_founded(reviewed, seeds), founded(firms, own, np.minimum(debut[own], reviewed))
        ),
        earlier=debut[own] < reviewed,
    )
    values, industry = sheet(pipeline, firms, own, seeds)
    fakes.disguise(values, fake, seeds)
    frailty = np.where(fake, 0.0, design.frailty_sd * firms.trust[own])
    unseen = [np.where(fake, known, frailty) for known in (fakes.LANDED, fakes.FINISHED)]
    return Drawn(pipeline, values, industry, fake, frailty, scores(values, *unseen), debut)
