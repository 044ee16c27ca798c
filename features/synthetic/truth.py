"""What is true of invented projects: their chances, exact and averaged over the shocks, and what becomes of them."""

import numpy as np
import pandas as pd

from features.catalog import Catalog, Clock, Dimension
from features.synthetic.county import Drawn
from features.synthetic.design import Design, Seeds, Stream
from features.synthetic.effects import Scores
from features.synthetic.frame import Column, county_catalog
from features.synthetic.ledger import Events, real_events
from features.synthetic.lives import LIFE, LUCK, Curves, Lives, curves, live
from features.synthetic.shocks import averaged, given, on_project_months
from features.synthetic.traits import Floats

AT_A_TIME = 5_000  # projects whose months are held in memory together


def truth_of(drawn: Drawn, uid: Column, events: Events, shock: Floats, design: Design) -> pd.DataFrame:
    """Return what is true of each project.

    Returns
    -------
    DataFrame of shape (n, ...)
        ``p_landed``, ``p_produced``: chance of the milestone within the catalogue's horizon of the review, averaged
        over the shocks that might have come, a turn not foreseen; ``..._given_shock``: under what came;
        ``landed_log_odds``, ``finished_log_odds``: the scores on the two hazards, with their parts
        ``landed_<dimension>``, ``finished_<dimension>``, ``..._unseen``; ``fake``; ``frailty``, log-odds;
        ``started_on``, ``produced_on``, ``exited_on``: what really comes, NaT = never.
    """
    reviewed, score = drawn.pipeline.reviewed, drawn.scores
    catalog = county_catalog()
    months = horizons(catalog)
    by_month = on_project_months(shock, reviewed, design.first_year, max(months))
    met = given(curves(score.landed, score.finished, by_month, max(months)), months)
    mean = averaged(score.landed, score.finished, reviewed, design, months) if shock.any() else met
    columns: dict[str, object] = {"project_uid": uid, "review_date": reviewed.astype("datetime64[s]")}
    columns |= {"p_landed": mean.landed, "p_produced": mean.produced}
    columns |= {"p_landed_given_shock": met.landed, "p_produced_given_shock": met.produced}
    columns |= {"landed_log_odds": score.landed, "finished_log_odds": score.finished}
    columns |= _by_dimension(score, catalog)
    columns |= {"fake": drawn.fake, "frailty": drawn.frailty}
    days = {"started_on": events.started, "produced_on": events.produced, "exited_on": events.exited}
    return pd.DataFrame(columns | {name: day.astype("datetime64[s]") for name, day in days.items()})


def horizons(catalog: Catalog) -> tuple[int, int]:
    """Return the months within which the catalogue asks for landing and for production."""
    return catalog.clocks[Clock.LANDED].horizon_months, catalog.clocks[Clock.PRODUCED].horizon_months


def _by_dimension(score: Scores, catalog: Catalog) -> dict[str, Floats]:
    sums = {}
    for name, total, parts in (
        ("landed", score.landed, score.landed_parts),
        ("finished", score.finished, score.finished_parts),
    ):
        for dimension in Dimension:
            own = [part for a, part in parts.items() if catalog.attributes[a].dimension is dimension]
            if own:
                sums[f"{name}_{dimension}"] = np.sum(own, axis=0)
        sums[f"{name}_unseen"] = total - np.sum(list(parts.values()), axis=0)
    return sums


def true_curves(truth: pd.DataFrame, shock: Floats, first_year: int, months: int) -> Curves:
    """Return the exact curves of a truth's projects under a shock by calendar quarter, by month after the review."""
    reviewed = truth["review_date"].to_numpy().astype("datetime64[D]")
    by_month = on_project_months(shock, reviewed, first_year, months)
    return curves(truth["landed_log_odds"].to_numpy(), truth["finished_log_odds"].to_numpy(), by_month, months)


def lived(drawn: Drawn, shock: Floats, design: Design, seeds: Seeds) -> Events:
    """Draw what really becomes of each project under the shock that comes, some projects at a time to spare memory."""
    reviewed, score = drawn.pipeline.reviewed, drawn.scores
    luck = seeds.rng(Stream.LIVES).uniform(size=(LUCK, len(reviewed)))
    lives = []
    for first in range(0, len(reviewed), AT_A_TIME):
        some = slice(first, first + AT_A_TIME)
        by_month = on_project_months(shock, reviewed[some], design.first_year, 2 * LIFE)
        lives.append(live(score.landed[some], score.finished[some], by_month, luck[:, some]))
    started, produced, exited = (
        np.concatenate([getattr(life, name) for life in lives]) for name in ("started", "produced", "exited")
    )
    return real_events(reviewed, Lives(started, produced, exited))
