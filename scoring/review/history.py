"""The history that a model may learn from: every filing recorded by a day, with its milestones as recorded by then."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.catalog import Catalog
from features.catalogs.reader import parse_catalog
from features.errors import Refused
from features.milestones import days
from features.reading.headers import readable
from features.refiling import PROJECT_UID
from features.words import Words
from scoring.review.models import CatalogText, Filing
from scoring.review.snapshots import read
from scoring.review.standing import Standing, spell, standing_entries
from scoring.store import settled


@dataclass(frozen=True)
class Recorded:
    """What was on record by one day.

    Attributes
    ----------
    rows : DataFrame of shape (n_filings, ...), typed as the reader types a history, by entry, then number
        Every milestone has its day in the first of its columns, and the day of its record beside it; the record of
        what came with a project's first load is undated, and the catalogue's reporting lag holds for it.
        ``project_uid`` is the number of the store.
    catalog : as it stood then, every milestone with a column of its record
    """

    rows: pd.DataFrame
    catalog: Catalog


def rows_recorded_by(day: date, catalog_name: str | None = None) -> Recorded:
    """Return the history as of a day; nothing recorded after it shows, whenever it is asked.

    Parameters
    ----------
    catalog_name : None = the only one there is

    Raises
    ------
    Refused
        Nothing is on record by the day, or under several catalogues and none is named.
    """
    with settled():
        filings = _filings(day, catalog_name)
        catalog = _dated(_newest(filings))
        standing = standing_entries(None, day)
    rows = read([filing.attributes for filing in filings], catalog)
    rows = rows.assign(**_named(filings, rows, catalog), **_milestones(filings, standing, catalog))
    order = [name for name in readable(catalog) if name in rows]
    return Recorded(rows[[*order, *(name for name in rows if name not in order)]], catalog)


def catalogs_on_file(day: date) -> tuple[str, ...]:
    """Return the names of the catalogues under which anything was filed by a day, sorted."""
    names = Filing.objects.filter(recorded_on__lte=day).values_list("catalog__name", flat=True)
    return tuple(sorted(set(names)))


def _filings(day: date, catalog_name: str | None) -> Sequence[Filing]:
    names = catalogs_on_file(day)
    if not names or (catalog_name is not None and catalog_name not in names):
        asked = catalog_name or "–"
        raise Refused(
            Words(
                zh=f"截至 {day} 没有申报（目录 {asked}）；现有目录：{'、'.join(names) or '无'}。请先评分或导入台账。",
                en=f"nothing was filed by {day} (catalogue {asked}); there are filings under: "
                f"{', '.join(names) or 'none'}. Score a round or load a ledger first.",
            )
        )
    if catalog_name is None and len(names) > 1:
        raise Refused(
            Words(
                zh=f"存储中有几种目录（{'、'.join(names)}）；请用 --catalog 指明一种。",
                en=f"there are filings under several catalogues ({', '.join(names)}); name one with --catalog.",
            )
        )
    found = Filing.objects.filter(recorded_on__lte=day, catalog__name=catalog_name or names[0])
    # Not in the database: each kind has an order of its own for text, and the order of rows shows in a model's hash.
    return sorted(found.select_related("project"), key=lambda filing: (filing.entry, filing.project.uid))


def _newest(filings: Sequence[Filing]) -> Catalog:
    """Return the catalogue of the last filing that came in."""
    last = max(filings, key=lambda filing: (filing.recorded_on, filing.pk))
    kept = CatalogText.objects.get(digest=last.catalog_id)
    return parse_catalog(kept.text, f"{kept.name} {kept.version}")


def _dated(catalog: Catalog) -> Catalog:
    """Return the catalogue with a column for the record of every milestone."""
    milestones = {
        name: replace(milestone, recorded=milestone.recorded or f"recorded_{name}")
        for name, milestone in catalog.milestones.items()
    }
    return replace(catalog, milestones=milestones)


def _named(filings: Sequence[Filing], rows: pd.DataFrame, catalog: Catalog) -> Mapping[str, Any]:
    """Return the columns that say which filing a row is, and on which day its cells were taken."""
    named: dict[str, Any] = {PROJECT_UID: pd.array([filing.project.uid for filing in filings], dtype="str")}
    if catalog.filed_on is not None:
        recorded = np.array([filing.recorded_on for filing in filings], dtype="datetime64[s]")
        said = days(rows, catalog.filed_on).astype("datetime64[s]")
        named[catalog.filed_on] = np.where(np.isnat(said), recorded, said)
    return named


def _milestones(filings: Sequence[Filing], standing: Sequence[Standing], catalog: Catalog) -> Mapping[str, Any]:
    """Return the day of each milestone of each filing, and of its record; NaT = none."""
    by_project: dict[int, list[int]] = defaultdict(list)  # places of its filings, by entry
    for place, filing in enumerate(filings):
        by_project[filing.project_id].append(place)
    columns = {
        name: np.full(len(filings), np.datetime64("NaT", "s"))
        for milestone in catalog.milestones.values()
        for name in (milestone.columns[0], str(milestone.recorded))
    }
    for entry in standing:
        own, milestone = by_project.get(entry.project), catalog.milestones.get(entry.milestone)
        if own is None or milestone is None:
            continue
        place = own[spell([(filings[at].entry, filings[at].recorded_on) for at in own], entry.happened)]
        happened = columns[milestone.columns[0]]
        if happened[place] <= np.datetime64(entry.happened):
            continue  # the earliest stands
        happened[place] = entry.happened
        loaded = min(filings[at].recorded_on for at in own)
        known = "NaT" if entry.first_recorded == loaded else entry.first_recorded
        columns[str(milestone.recorded)][place] = np.datetime64(known, "s")
    return columns
