import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import Dimension
from features.inputs import Feature, Features
from features.words import Words
from models import likeness
from models.likeness import FEWEST, NEIGHBOURS, NOTHING_KNOWN, Likeness
from models.likeness_scale import STEPS, column_from_dict, fit_column

SAID = Words("甲", "a")


def features(matrix, unseen=None, *, levels=5):
    """Three numbers, the last column a category."""
    columns = [Feature(f"a{j}", SAID, Dimension.MARKET) for j in range(matrix.shape[1] - 1)]
    columns.append(Feature("c", SAID, Dimension.CONTEXT, True, tuple("abcdefgh"[:levels])))
    return Features(matrix, tuple(columns), np.zeros(matrix.shape, np.bool_) if unseen is None else unseen)


def world(n, seed=0, missing=0.1):
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.normal(size=(n, 3)), rng.integers(0, 4, n)])
    matrix[rng.random(matrix.shape) < missing] = np.nan
    return features(matrix)


def every(of):
    return np.ones(len(of.matrix), np.bool_)


def one(of, **cells):
    """A middling project with some cells of its own."""
    row = np.append(np.nanmedian(of.matrix[:, :-1], axis=0), 0.0)
    unseen = np.zeros((1, len(row)), np.bool_)
    for name, value in cells.items():
        place = [c.id for c in of.columns].index(name)
        row[place], unseen[0, place] = (np.nan, True) if value == "unseen" else (value, False)
    return features(row[None, :], unseen)


# Oracle: Gower's distance, cell by cell.


def gower(a, b, scales):
    """The mean over attributes of the distance of two rows, by its definition."""
    parts = []
    for j, (x, y) in enumerate(zip(a, b, strict=True)):
        out = scales[j].beyond(np.array([x]))[0]
        if np.isnan(x) or np.isnan(y):
            parts.append(0.0 if np.isnan(x) and np.isnan(y) else 0.5 + out)
        elif j == len(a) - 1:
            parts.append(float(x != y))
        else:
            at = [scales[j].places(np.array([v]))[0] / STEPS for v in (x, y)]
            parts.append(abs(at[0] - at[1]) + out)
    return float(np.mean(parts))


def test_distances_are_those_of_the_definition():
    known, others = world(60), world(15, seed=1)
    others.matrix[0, 0] = 40.0
    fitted = Likeness.fit(known, every(known))
    nearest = lambda row, rows: np.mean(sorted(gower(row, r, fitted.columns) for r in rows)[:NEIGHBOURS])  # noqa: E731
    rows = list(known.matrix)
    reach = np.array([nearest(row, rows[:i] + rows[i + 1 :]) for i, row in enumerate(rows)])
    np.testing.assert_allclose(fitted.reach, np.sort(reach), atol=1e-12)
    far = np.array([nearest(row, rows) for row in others.matrix])
    np.testing.assert_allclose(fitted.of(others).distance, (far[:, None] > reach + 1e-12).mean(axis=1), atol=1e-12)


def test_the_scale_of_a_number_is_its_rank_among_the_known():
    cells = np.random.default_rng(0).lognormal(size=64)
    scale = fit_column(Feature("a", SAID, Dimension.MARKET), cells)
    expected = np.argsort(np.argsort(cells)) / 63 * STEPS
    assert np.abs(scale.places(cells) - expected).max() <= 0.5


# Properties


@given(st.integers(0, 1000), st.integers(1, 40))
def test_a_project_is_as_unlike_alone_as_in_company(seed, count):
    known, others = world(50), world(count, seed=seed)
    fitted = Likeness.fit(known, every(known))
    together = fitted.of(others)
    for row in range(count):
        alone = fitted.of(replace(others, matrix=others.matrix[[row]], unseen=others.unseen[[row]]))
        assert alone.distance[0] == together.distance[row]
        assert {k for k, m in alone.strange.items() if m[0]} == {k for k, m in together.strange.items() if m[row]}


def test_blocks_change_nothing(monkeypatch):
    known, others = world(80), world(30, seed=3)
    whole = Likeness.fit(known, every(known))
    monkeypatch.setattr(likeness, "BLOCK", 7)
    pieces = Likeness.fit(known, every(known))
    np.testing.assert_array_equal(pieces.reach, whole.reach)
    np.testing.assert_array_equal(pieces.of(others).distance, whole.of(others).distance)


def test_projects_like_the_known_are_spread_evenly_over_the_shares():
    known, others = world(900), world(900, seed=9)
    shares = Likeness.fit(known, every(known)).of(others).distance
    assert np.abs(np.sort(shares) - np.linspace(0, 1, 900)).max() < 0.08


@given(st.floats(0, 1e6), st.floats(1, 1e6))
def test_the_farther_out_the_less_like_anything(start, more):
    known = world(100, missing=0.0)
    scale = Likeness.fit(known, every(known)).columns[0]
    near, far = (scale.beyond(np.array([10.0 + x]))[0] for x in (start, start + more))
    assert far > near >= 0


def test_a_likeness_is_the_same_after_a_round_trip_through_json():
    known, others = world(200), world(30, seed=2)
    fitted = Likeness.fit(known, every(known))
    again = Likeness.from_dict(json.loads(json.dumps(fitted.to_dict(), allow_nan=False)))
    np.testing.assert_array_equal(again.of(others).distance, fitted.of(others).distance)
    assert again.to_dict() == fitted.to_dict()
    assert all(column_from_dict(c.to_dict()).to_dict() == c.to_dict() for c in fitted.columns)


def test_what_was_spoilt_is_not_read():
    data = Likeness.fit(known := world(40), every(known)).to_dict()
    for projects in (0, 39, 41):
        with pytest.raises(ValueError, match=f"must have {projects} known projects on each of 4 scales"):
            Likeness.from_dict({**data, "projects": projects})
    with pytest.raises(ValueError, match="must have 40 known projects on each of 3 scales"):
        Likeness.from_dict({**data, "columns": data["columns"][1:]})
    with pytest.raises(ValueError, match="scales"):
        Likeness.from_dict({**data, "sample": [line.replace(" ", " 99", 1) for line in data["sample"]]})


@pytest.mark.parametrize("reach", [[0.1], [-0.1] * 40, [*[0.1] * 39, 0.05], [np.nan] * 40])
def test_a_reach_that_is_none_is_not_read(reach):
    data = Likeness.fit(known := world(40), every(known)).to_dict()
    with pytest.raises(ValueError, match="reach must be 40 distances"):
        Likeness.from_dict({**data, "reach": reach})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"values": [0.0, np.inf]}, "finite and rise"),
        ({"values": [1.0, 0.0]}, "finite and rise"),
        ({"values": [0.0, 0.0]}, "finite and rise"),
        ({"at": [1.0, 0.0]}, "finite and rise"),
        ({"at": [np.nan, 1.0]}, "finite and rise"),
        ({"at": [0.0, 1.5]}, "between 0 and 1"),
        ({"at": [0.0]}, "as many places as values"),
        ({"values": [[0.0, 1.0]], "at": [[0.0, 1.0]]}, "as many places as values"),
        ({"below": 0.0}, "wider than 0"),
        ({"above": np.inf}, "finite and rise"),
        ({"known": [1, 0]}, "true or false"),
    ],
)
def test_a_scale_that_is_none_is_not_read(change, said):
    scale = {"id": "jobs", "values": [0.0, 1.0], "at": [0.0, 1.0], "below": 1.0, "above": 1.0}
    assert column_from_dict(scale).to_dict() == scale
    with pytest.raises(ValueError, match=f"scale jobs: .*{said}"):
        column_from_dict(scale | change)


def test_only_projects_of_known_outcome_are_measured_from():
    told = world(300)
    known = np.arange(300) < 120
    first = Features(told.matrix[:120], told.columns, told.unseen[:120])
    assert Likeness.fit(told, known).to_dict() == Likeness.fit(first, every(first)).to_dict()


def test_a_large_register_is_sampled_by_its_seed():
    told = world(1500)
    fitted, again, other = (Likeness.fit(told, every(told), seed) for seed in (1, 1, 2))
    assert fitted.to_dict() == again.to_dict()
    assert len(fitted.sample) == len(fitted.reach) == likeness.SAMPLE
    assert (fitted.sample != other.sample).any()


# Examples


def test_an_extreme_figure_is_far_and_named():
    known = world(200)
    found = Likeness.fit(known, every(known)).of(one(known, a1=60.0))
    assert found.distance.tolist() == [1.0]
    assert list(found.strange) == ["a1"]


def test_a_middling_project_is_near_and_nothing_in_it_is_strange():
    known = world(200)
    found = Likeness.fit(known, every(known)).of(one(known))
    assert found.distance[0] < 0.5
    assert found.strange == {}
    assert found.reason is None


@pytest.mark.parametrize("level", ["unseen", 4.0], ids=["never met", "met without an outcome"])
def test_a_level_without_a_known_outcome_is_strange_and_as_far_as_another_level(level):
    known = world(200, missing=0.0)
    fitted = Likeness.fit(known, every(known))
    found = fitted.of(one(known, c=level))
    assert found.strange["c"].tolist() == [True]
    assert found.distance[0] > fitted.of(one(known)).distance[0]
    both = [fitted._to_nearest(one(known, c=cell))[0] for cell in ("unseen", 4.0)]
    assert both[0] == pytest.approx(both[1])


def test_a_blank_is_not_strange():
    known = world(200, missing=0.0)
    blank = one(known)
    blank.matrix[:] = np.nan
    assert Likeness.fit(known, every(known)).of(blank).strange == {}


@pytest.mark.parametrize("count", [0, 1, FEWEST - 1])
def test_with_next_to_nothing_known_there_is_no_distance_and_the_reason_is_said(count):
    known = world(30)
    found = Likeness.fit(known, np.arange(30) < count).of(known)
    assert np.isnan(found.distance).all()
    assert found.strange == {}
    assert found.reason == NOTHING_KNOWN
    enough = Likeness.fit(known, np.arange(30) < FEWEST).of(known)
    assert not np.isnan(enough.distance).any()


def test_what_is_counted_from_history_is_not_compared():
    known = world(50)
    grown = Feature("investor__count", SAID, Dimension.MARKET)
    wide = Features(
        np.column_stack([np.arange(50.0), known.matrix]),
        (grown, *known.columns),
        np.column_stack([np.zeros(50, np.bool_), known.unseen]),
    )
    assert Likeness.fit(wide, every(wide)).to_dict() == Likeness.fit(known, every(known)).to_dict()
    fitted = Likeness.fit(wide, every(wide))
    np.testing.assert_array_equal(fitted.of(wide).distance, fitted.of(known).distance)


def test_an_attribute_that_no_known_project_has_says_nothing():
    known = world(50)
    known.matrix[:, 0] = np.nan
    found = Likeness.fit(known, every(known)).of(one(world(50), a0=1e9))
    assert found.strange == {}


def test_one_value_throughout_is_left_by_any_other():
    known = world(50, missing=0.0)
    known.matrix[:, 0] = 3.0
    found = Likeness.fit(known, every(known)).of(one(known, a0=7.0))
    assert list(found.strange) == ["a0"]
