"""Filings come in: a project is known by its number, each filing of it is kept once, as it was first seen."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from features.catalog import Catalog
from features.refiling import PROJECT_UID
from features.spelling import folded
from scoring.review.audit import note
from scoring.review.models import CatalogText, Filing, Project, User
from scoring.review.snapshots import written
from scoring.store import settled

LONGEST_UID = 200
_BATCH = 500  # rows an insert, and numbers a query


@dataclass(frozen=True)
class Sheet:
    """Sound rows of one file.

    Parameters
    ----------
    rows : DataFrame of shape (n, ...), typed by ``catalog``
    recorded_on : the day on which they came to be known
    source : what file they are from
    lines : (n,) 1-based lines of the file; None = not known
    """

    rows: pd.DataFrame
    catalog: Catalog
    recorded_on: date
    source: str
    lines: Sequence[int] | None = None


@dataclass(frozen=True)
class Admitted:
    """What came of n rows: filings + known = n.

    Attributes
    ----------
    projects : how many were new
    filings : how many filings were new; another day of a known project is another filing
    known : rows whose project and day were on file already: what was first seen stands
    uids : (n,) the project of each row, as the store spells it
    ids : (n,) the filing of each row
    """

    projects: int
    filings: int
    known: int
    uids: tuple[str, ...]
    ids: tuple[int, ...]


def admit(sheet: Sheet, by: User) -> Admitted:
    """Keep the filings of a sheet that are not on file yet, and the projects they belong to.

    Raises
    ------
    Refused
        The database cannot be reached; nothing is kept then.
    """
    with settled(alone=True):
        catalog = catalog_text(sheet.catalog)
        uids = uids_of(sheet.rows, sheet.catalog)
        known = projects_by(uids)
        made = _new_projects(uids, sheet, known)
        projects = {**known, **made}
        owners = [projects[folded(uid)] for uid in uids]
        filings, new = _filings(sheet, catalog, owners)
        admitted = Admitted(
            projects=len(made),
            filings=new,
            known=len(uids) - new,
            uids=tuple(project.uid for project in owners),
            ids=tuple(filings),
        )
        note(by, "filings.admit", sheet.source, projects=len(made), filings=new, recorded_on=sheet.recorded_on)
    return admitted


def uids_of(rows: pd.DataFrame, catalog: Catalog) -> list[str]:
    """Return the number of each row's project: its project_uid, else one made from its key and its entry day.

    Parameters
    ----------
    rows : DataFrame of shape (n, ...), typed, with the catalogue's key and entry

    Returns
    -------
    list of n texts of at most 200 characters
    """
    days = np.datetime_as_string(rows[catalog.entry].to_numpy(dtype="datetime64[D]"))
    made = [f"{key} @ {day}" for key, day in zip(rows[catalog.key].tolist(), days.tolist(), strict=True)]
    if PROJECT_UID in rows:
        given = zip(rows[PROJECT_UID].tolist(), rows[PROJECT_UID].notna().tolist(), made, strict=True)
        made = [uid if there else instead for uid, there, instead in given]
    return [_short(uid) for uid in made]


def projects_by(uids: Sequence[str]) -> Mapping[str, Project]:
    """Return the projects on file among the numbers, by folded number."""
    wanted = sorted({folded(uid) for uid in uids})
    found: dict[str, Project] = {}
    for at in range(0, len(wanted), _BATCH):
        found.update({p.folded: p for p in Project.objects.filter(folded__in=wanted[at : at + _BATCH])})
    return found


def projects_on_file(catalog_name: str | None = None) -> pd.DataFrame:
    """Return every project, one row a filing, by entry: uid, name, entry (datetime64[s])."""
    filings = Filing.objects.order_by("entry", "project__uid")
    if catalog_name is not None:
        filings = filings.filter(catalog__name=catalog_name)
    found = list(filings.values_list("project__uid", "project__name", "entry"))
    return pd.DataFrame(
        {
            "uid": pd.array([uid for uid, _, _ in found], dtype="str"),
            "name": pd.array([name for _, name, _ in found], dtype="str"),
            "entry": np.array([entry for _, _, entry in found], dtype="datetime64[s]"),
        }
    )


def catalog_text(catalog: Catalog) -> CatalogText:
    """Return the catalogue as the store keeps it, word for word."""
    kept: CatalogText
    kept, _ = CatalogText.objects.get_or_create(
        digest=catalog.digest,
        defaults={"name": catalog.name, "version": catalog.version, "text": catalog.text},
    )
    return kept


def _short(uid: str) -> str:
    if len(uid) <= LONGEST_UID:
        return uid
    return f"{uid[: LONGEST_UID - 17]}…{hashlib.sha256(folded(uid).encode()).hexdigest()[:16]}"


def _new_projects(uids: Sequence[str], sheet: Sheet, known: Mapping[str, Project]) -> Mapping[str, Project]:
    made: dict[str, Project] = {}
    for uid, name in zip(uids, sheet.rows[sheet.catalog.key].tolist(), strict=True):
        if folded(uid) not in known:
            made.setdefault(folded(uid), Project(uid=uid, folded=folded(uid), name=str(name)))
    Project.objects.bulk_create(made.values(), batch_size=_BATCH)
    return made


def _filings(sheet: Sheet, catalog: CatalogText, owners: Sequence[Project]) -> tuple[list[int], int]:
    """Return the filing of each row, and how many had to be made."""
    entries: list[date] = sheet.rows[sheet.catalog.entry].to_numpy(dtype="datetime64[D]").tolist()
    pairs = [(project.pk, entry) for project, entry in zip(owners, entries, strict=True)]
    known = _on_file([project.pk for project in owners])
    made: dict[tuple[int, date], Any] = {}
    lines = sheet.lines if sheet.lines is not None else [None] * len(pairs)
    for pair, project, text, line in zip(pairs, owners, written(sheet.rows, sheet.catalog), lines, strict=True):
        if pair in known or pair in made:
            continue
        made[pair] = Filing(
            project=project,
            catalog=catalog,
            entry=pair[1],
            attributes=text,
            recorded_on=sheet.recorded_on,
            source=sheet.source,
            line=None if line is None else int(line),
        )
    Filing.objects.bulk_create(made.values(), batch_size=_BATCH)
    ids = {**known, **{pair: int(filing.pk) for pair, filing in made.items()}}
    return [ids[pair] for pair in pairs], len(made)


def _on_file(projects: Sequence[int]) -> dict[tuple[int, date], int]:
    wanted = sorted(set(projects))
    found: dict[tuple[int, date], int] = {}
    for at in range(0, len(wanted), _BATCH):
        some = Filing.objects.filter(project__in=wanted[at : at + _BATCH])
        found.update({(owner, entry): pk for owner, entry, pk in some.values_list("project_id", "entry", "pk")})
    return found
