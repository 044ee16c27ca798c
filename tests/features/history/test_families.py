from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import DAYS_PER_MONTH, Catalog, History
from features.catalogs.reader import read_catalog
from features.errors import CatalogError
from features.history.event_index import EventIndex
from features.history.families import history_features
from features.history.fingerprints import firm
from features.history.measures import history_columns
from features.history.neighbours import neighbour_features
from features.spelling import folded
from features.tables import Purpose, open_table
from features.timeline import Timeline, trace

Draw = Callable[..., pd.DataFrame]
SNAPSHOT = np.datetime64("2018-09-14")
SALT = b"test"
SEEDS = st.integers(0, 10**6)


def indexed(rows: pd.DataFrame, catalog: Catalog, as_of: np.datetime64 = SNAPSHOT) -> EventIndex:
    return EventIndex.build(rows, trace(rows, catalog, as_of=as_of), catalog, SALT)


def told(index: EventIndex, rows: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    return pd.concat([history_features(index, rows, catalog), neighbour_features(index, rows, catalog)], axis=1)


class ByHand:
    """History one row at a time, in plain loops over earlier projects."""

    def __init__(self, past: pd.DataFrame, catalog: Catalog, as_of: np.datetime64) -> None:
        self.catalog, self.past, self.as_of = catalog, past, as_of
        self.timeline: Timeline = trace(past, catalog, as_of=as_of)

    def key(self, row: pd.Series, by: tuple[str, ...]) -> tuple[str, ...] | None:
        spelling = {"firm": firm}
        if any(pd.isna(row[name]) for name in by):
            return None
        return tuple(spelling.get(name, folded)(row[name]) for name in by)

    def members(self, row: pd.Series, by: tuple[str, ...], day: np.datetime64) -> list[int]:
        own = self.key(row, by)
        keys = [self.key(other, by) for _, other in self.past.iterrows()]
        return [i for i, key in enumerate(keys) if key == own and self.timeline.entry[i] < day]

    def days(self, milestone: str) -> np.ndarray:
        return self.timeline.known[milestone] if milestone else self.timeline.entry

    def counted(self, members: list[int], milestone: str, day: np.datetime64, months: int | None) -> int:
        since = np.datetime64("0001-01-01") if months is None else day - round(months * DAYS_PER_MONTH)
        return sum(bool(since <= self.days(milestone)[i] < day) for i in members)

    def edges(self, milestone: str) -> list[int]:
        months = {spec.clock.value: spec.horizon_months for spec in self.catalog.clocks.values()}.get(milestone, 120)
        n = -(-(months + self.catalog.reporting_lag_months) // self.catalog.period_months)
        return [round(k * self.catalog.period_months * DAYS_PER_MONTH) for k in range(n + 1)]

    def waited(self, i: int, milestone: str, until: np.datetime64) -> tuple[int, bool]:
        """Return the days project i waited before ``until``, and whether the event ended it."""
        cap = self.edges(milestone)[-1]
        entry, known = self.timeline.entry[i], self.timeline.known[milestone][i]
        ends = [((until - entry).astype(int), False), (cap, False)]
        if not np.isnat(known) and known < until and (known - entry).astype(int) < cap:
            ends.append(((known - entry).astype(int), True))
        return min(ends, key=lambda end: (end[0], not end[1]))

    def hazards(self, milestone: str, until: np.datetime64) -> list[float]:
        edges = self.edges(milestone)
        lived, came = [0] * (len(edges) - 1), [0] * (len(edges) - 1)
        for i in np.flatnonzero(self.timeline.entry < until):
            age, event = self.waited(i, milestone, until)
            for k in range(len(lived)):
                lived[k] += max(0, min(age, edges[k + 1]) - edges[k])
                came[k] += event and edges[k] <= age < edges[k + 1]
        return [c / days if days else 0.0 for c, days in zip(came, lived, strict=True)]

    def rate(self, members: list[int], milestone: str, until: np.datetime64, months: int | None) -> float:
        edges, hazards = self.edges(milestone), self.hazards(milestone, until)
        width = None if months is None else round(months * DAYS_PER_MONTH)
        expected, observed = 0.0, 0
        for i in members:
            if not self.timeline.entry[i] < until:
                continue
            age, event = self.waited(i, milestone, until)
            born = 0 if width is None else max(0, (until - width - self.timeline.entry[i]).astype(int))
            for k, hazard in enumerate(hazards):
                expected += hazard * max(0, min(age, edges[k + 1]) - max(born, edges[k]))
            observed += event and age >= born
        return (observed + 2) / (expected + 2)

    def value(self, row: pd.Series, family: History, measure: str) -> float:
        day = min(row["proposed"].to_datetime64().astype("datetime64[D]"), self.as_of)
        if self.key(row, family.by) is None:
            return np.nan
        members, months = self.members(row, family.by, day), family.window_months
        if measure.endswith("_rate"):
            month = day.astype("datetime64[M]").astype("datetime64[D]")
            return self.rate(members, measure.removesuffix("_rate"), month, months)
        if "_vs_" in measure:
            a, b = (self.counted(members, name, day, months) for name in measure.split("_vs_"))
            return (a + 1) / (a + b + 2)
        return self.counted(members, measure.removesuffix("count").rstrip("_"), day, months)

    def near(self, row: pd.Series, radius: float, same: str | None, milestone: str) -> float:
        day = min(row["proposed"].to_datetime64().astype("datetime64[D]"), self.as_of)
        if np.isnan(row["x"]) or np.isnan(row["y"]) or (same and self.key(row, (same,)) is None):
            return np.nan
        members = self.members(row, (same,) if same else (), day)
        at = self.past[["x", "y"]].to_numpy()
        close = [i for i in members if np.hypot(*(at[i] - [row["x"], row["y"]])) <= radius]
        return self.counted(close, milestone, day, None)


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, n=st.integers(0, 40), days=st.sampled_from([40, 3000]))
def test_history_is_that_of_a_walk_through_earlier_projects(mills, draw, seed, n, days):
    past, asking = draw(n, seed, days=days), draw(8, seed + 1, days=days)
    by_hand, found = ByHand(past, mills, SNAPSHOT), told(indexed(past, mills), asking, mills)
    for column in history_columns(mills):
        name = column.measure.id
        expected = [by_hand.value(row, column.family, name) for _, row in asking.iterrows()]
        np.testing.assert_allclose(found[column.id], expected, rtol=1e-8, err_msg=column.id)


@settings(max_examples=12, deadline=None)
@given(seed=SEEDS, n=st.integers(0, 60), days=st.sampled_from([40, 3000]))
def test_neighbours_are_those_of_a_walk_over_the_map(mills, draw, seed, n, days):
    past, asking = draw(n, seed, days=days), draw(10, seed + 1, days=days)
    by_hand, found = ByHand(past, mills, SNAPSHOT), told(indexed(past, mills), asking, mills)
    expected = {
        "near_10km__count": (10_000, None, ""),
        "near_10km__produced_count": (10_000, None, "produced"),
        "near_2p5km_trade__landed_count": (2_500, "trade", "landed"),
    }
    for name, about in expected.items():
        np.testing.assert_array_equal(found[name], [by_hand.near(row, *about) for _, row in asking.iterrows()], name)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, i=st.integers(0, 59))
def test_nothing_dated_on_or_after_its_review_changes_a_project(mills, draw, seed, i):
    rows, rng = draw(60, seed), np.random.default_rng(seed)
    day = rows["proposed"][i].to_datetime64().astype("datetime64[D]")
    changed = future_redrawn(rows, day, rng)
    changed.loc[i] = rows.loc[i]
    before, after = (told(indexed(r, mills), rows.iloc[[i]], mills) for r in (rows, changed))
    pd.testing.assert_frame_equal(before, after, check_exact=True)


def future_redrawn(rows: pd.DataFrame, day: np.datetime64, rng: np.random.Generator) -> pd.DataFrame:
    """Redraw every date on or after the day, and every cell of a project that enters by then."""
    changed = rows.copy()
    for column in ("proposed", "begun", "milling", "milling_seen", "left"):
        late = np.flatnonzero(rows[column] >= day)
        changed.loc[late, column] = day + rng.integers(0, 4000, late.size)
        if column in {"begun", "milling", "left"}:
            changed.loc[late[::3], column] = pd.NaT
    enters = np.flatnonzero(rows["proposed"] >= day)
    for column in ("firm", "trade", "river", "x", "y", "begun", "milling", "left"):
        changed.loc[enters, column] = rng.permutation(changed.loc[enters, column])
    return changed


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_projects_that_enter_on_the_day_or_later_change_nothing(mills, draw, seed):
    rows, asking = draw(60, seed), draw(20, seed + 1, days=1500)
    last = asking["proposed"].max().to_datetime64()
    newer = draw(40, seed + 2, first=str(last.astype("datetime64[D]")))
    more = pd.concat([newer, rows], ignore_index=True)
    pd.testing.assert_frame_equal(
        told(indexed(rows, mills), asking, mills), told(indexed(more, mills), asking, mills), check_exact=True
    )


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_a_row_has_the_same_history_alone_and_in_any_company(mills, draw, seed):
    index, asking = indexed(draw(60, seed), mills), draw(30, seed + 1)
    whole = told(index, asking, mills)
    order = np.random.default_rng(seed).permutation(30)
    pd.testing.assert_frame_equal(told(index, asking.iloc[order], mills), whole.iloc[order], check_exact=True)
    for i in range(0, 30, 7):
        pd.testing.assert_frame_equal(told(index, asking.iloc[[i]], mills), whole.iloc[[i]], check_exact=True)


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_the_file_changes_nothing(mills, draw, seed):
    rows, asking = draw(60, seed, days=200), draw(10, seed + 1)
    turned = rows.iloc[np.random.default_rng(seed).permutation(60)].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        told(indexed(rows, mills), asking, mills), told(indexed(turned, mills), asking, mills), check_exact=True
    )


def test_an_index_survives_its_table(mills, draw):
    index, asking = indexed(draw(80, 1), mills), draw(20, 2)
    table = index.to_table()
    again = EventIndex.from_table(table)
    assert (again.as_of, again.lag_months, again.salt) == (index.as_of, index.lag_months, index.salt)
    pd.testing.assert_frame_equal(again.to_table().to_pandas(), table.to_pandas(), check_exact=True)
    assert again.to_table().schema.equals(table.schema, check_metadata=True)
    pd.testing.assert_frame_equal(told(again, asking, mills), told(index, asking, mills), check_exact=True)


def test_an_index_holds_no_name(mills, draw):
    table = indexed(draw(80, 1), mills).to_table()
    assert {str(field.type) for field in table.schema} == {"date32[day]", "uint64", "double"}
    assert b"mill" not in str(table.schema.metadata).lower().encode()


@pytest.mark.parametrize("growth", [0.0, 0.05])
def test_a_growing_pipeline_does_not_look_like_failure(mills, growth):
    months = np.arange(72)
    entered = np.repeat(months, np.round(12 * np.exp(growth * months)).astype(int))
    rng = np.random.default_rng(3)
    proposed = np.datetime64("2012-01-01") + (entered * 30.4 + rng.integers(0, 30, entered.size)).astype(int)
    begun = proposed + rng.exponential(900, entered.size).astype(int)
    firms = np.where(rng.random(entered.size) < 0.5, "old mill", "new mill")
    grown = (firms == "old mill") | (proposed > np.datetime64("2016-06-01"))  # one firm has only young projects
    dates = {"proposed": proposed[grown], "begun": begun[grown]}
    rows = pd.DataFrame(dates).astype("datetime64[s]").assign(firm=pd.Series(firms[grown], dtype="str"))
    now = pd.DataFrame({"proposed": pd.to_datetime(["2018-01-01"] * 2).astype("datetime64[s]")})
    rates = told(indexed(rows, mills, np.datetime64("2018-01-01")), now.assign(firm=["old mill", "new mill"]), mills)
    assert rates["firm__landed_rate"].tolist() == pytest.approx([1, 1], abs=0.12)
    assert (rates["firm__landed_count"] / rates["firm__count"]).min() < 0.4  # what a plain share would have said


def test_a_stale_index_does_not_look_like_failure(mills, draw):
    index, asking = indexed(draw(80, 1), mills), draw(10, 2)
    late = [
        asking.assign(proposed=pd.Series([day] * 10).astype("datetime64[s]")) for day in ("2018-09-14", "2026-01-01")
    ]
    pd.testing.assert_frame_equal(*(told(index, rows, mills) for rows in late), check_exact=True)


def test_a_key_never_met_counts_nothing_and_fares_as_expected(mills, draw):
    asking = draw(1, 2).assign(firm="Nowhere Test Mill", trade="silk", river="north")
    found = told(indexed(draw(80, 1), mills), asking, mills).iloc[0]
    for name, value in found.items():
        usual = {"rate": 1.0, "withdrawn": 0.5, "count": 0.0}[str(name).removesuffix("_24m").rpartition("_")[2]]
        assert name.startswith("near_10km") or value == usual


def test_an_unknown_key_place_or_day_is_missing_not_zero(mills, draw):
    index, asking = indexed(draw(80, 1), mills), draw(1, 2)
    blank = told(index, asking.assign(firm=pd.Series([None], dtype="str"), x=np.nan), mills)
    assert blank.filter(regex="^(firm|near)").isna().all(axis=None)
    assert told(index, asking.drop(columns=["river", "y"]), mills).filter(regex="^(trade|near)").isna().all(axis=None)
    assert told(index, asking.assign(proposed=np.datetime64("NaT", "s")), mills).isna().all(axis=None)


def test_one_firm_written_in_several_ways_is_one_firm(mills, draw):
    rows = draw(40, 1)
    spellings = ["Test Mill A Ltd", "TEST  MILL A", "Test-Mill A (Holdings) plc", "Ｔｅｓｔ Mill A, Limited"]
    found = [told(indexed(rows, mills), rows.iloc[[9]].assign(firm=name), mills) for name in spellings]
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other)


def test_another_salt_makes_other_hashes_and_the_same_history(mills, draw):
    rows, asking = draw(60, 1), draw(10, 2)
    lives = trace(rows, mills, as_of=SNAPSHOT)
    one, two = (EventIndex.build(rows, lives, mills, salt) for salt in (b"one", b"two"))
    assert not set(one.keys["firm"]) & set(two.keys["firm"]) - {0}
    pd.testing.assert_frame_equal(told(one, asking, mills), told(two, asking, mills))


def test_neighbours_on_the_globe_agree_with_the_great_circle(mills, draw):
    rng = np.random.default_rng(0)
    globe = replace(mills, neighbours=(replace(mills.neighbours[0], degrees=True, radius_km=300.0),))
    rows = draw(200, 1).assign(x=rng.uniform(178, 182, 200), y=rng.uniform(60, 64, 200))
    rows["x"] = np.where(rows["x"] > 180, rows["x"] - 360, rows["x"])  # across the date line
    asking = rows.iloc[:20].assign(proposed=pd.Timestamp("2030-01-01"))
    found = neighbour_features(indexed(rows, globe), asking, globe)["near_300km__count"]
    a, b = np.radians(asking[["x", "y"]].to_numpy()), np.radians(rows[["x", "y"]].to_numpy())
    h = np.sin((a[:, None, 1] - b[:, 1]) / 2) ** 2
    h += np.cos(a[:, None, 1]) * np.cos(b[:, 1]) * np.sin((a[:, None, 0] - b[:, 0]) / 2) ** 2
    past = rows["proposed"].to_numpy() < SNAPSHOT
    assert found.tolist() == ((2 * 6371.0088 * np.arcsin(np.sqrt(h)) <= 300) & past).sum(axis=1).tolist()


@pytest.mark.parametrize("measure", ["launched_rate", "landed_share", "landed_vs_launched", "rate"])
def test_a_measure_that_is_none_is_refused(mills, measure):
    odd = replace(mills, histories=(replace(mills.histories[0], measures=(measure,)),))
    with pytest.raises(CatalogError, match=f"got '{measure}'"):
        list(history_columns(odd))


def test_counts_over_the_real_register_are_those_of_a_search_in_each_group(repd):
    catalog, day = read_catalog("repd"), np.datetime64("2024-07-01")
    rows = open_table(repd / "repd-q2-july-2024.csv", catalog, Purpose.HISTORY).read().rows
    lives = trace(rows, catalog, as_of=day, lag_months=0)
    found = history_features(EventIndex.build(rows, lives, catalog, SALT), rows, catalog)
    until = np.minimum(lives.entry, day)
    names = rows["operator"].map(firm, na_action="ignore")
    entered, running = (by_search(names, event, until) for event in (lives.entry, lives.known["produced"]))
    np.testing.assert_array_equal(found["operator__count"], entered)
    np.testing.assert_array_equal(found["operator__produced_count"], running)
    regions = rows["region"].map(folded, na_action="ignore")
    granted, refused = (
        by_search(regions, lives.known[name], until) - by_search(regions, lives.known[name], until - 1096)
        for name in ("granted", "refused")
    )
    np.testing.assert_array_equal(found["region__granted_vs_refused_36m"], (granted + 1) / (granted + refused + 2))


def by_search(keys: pd.Series, event: np.ndarray, until: np.ndarray) -> np.ndarray:
    counts = np.full(len(keys), np.nan)
    for rows in keys.groupby(keys).indices.values():
        happened = np.sort(event[rows][~np.isnat(event[rows])])
        counts[rows] = np.searchsorted(happened, until[rows], side="left")
    return counts
