import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import EXPLAINED, Clock
from features.words import Language, Words
from scoring.explanation import Breakdown, Contribution
from scoring.waterfall import Depth, waterfall


def breakdown(base, parts):
    """A figure from ``parts``, (dimension, points) each, with the base that leaves it a probability."""
    contributions = tuple(
        Contribution(f"a{i}", Words(f"属性{i}", f"attribute {i}"), dimension, f"{i} 项", 0.0, points)
        for i, (dimension, points) in enumerate(parts)
    )
    dimensions = {d: sum(p for own, p in parts if own is d) for d in EXPLAINED}
    return Breakdown(Clock.PRODUCED, 36, base, base + sum(p for _, p in parts), False, dimensions, contributions)


parts = st.lists(st.tuples(st.sampled_from(EXPLAINED), st.floats(-0.2, 0.2)), max_size=30)


@given(st.floats(0, 1), parts)
def test_lines_of_each_depth_add_up_to_the_line_above_them(base, parts):
    steps = waterfall(breakdown(base, parts), Language.EN)
    first, *between, last = steps
    dimensions = [step for step in between if step.depth is Depth.DIMENSION]
    assert first.points + sum(step.points for step in dimensions) == pytest.approx(last.points, abs=1e-9)
    below = {}
    for step in between:
        if step.depth is Depth.DIMENSION:
            above = step.label
        else:
            below[above] = below.get(above, 0.0) + step.points
    for step in dimensions:
        assert below.get(step.label, 0.0) == pytest.approx(step.points, abs=1e-9)


@given(st.floats(0, 1), parts)
def test_no_line_is_further_than_a_tenth_of_a_point_from_what_it_rounds(base, parts):
    told = breakdown(base, parts)
    steps = waterfall(told, Language.ZH)
    assert abs(steps[-1].points - told.figure * 100) <= 0.0500001
    for step in steps:
        assert step.points == round(step.points, 1)
    shown = [step for step in steps if step.depth is Depth.DIMENSION]
    with_parts = [d for d in EXPLAINED if any(own is d for own, _ in parts)]
    for step, dimension in zip(shown, with_parts, strict=True):
        assert abs(step.points - told.dimensions[dimension] * 100) < 0.1 + 1e-9


def test_every_attribute_is_shown_or_counted():
    told = breakdown(0.3, [(EXPLAINED[0], 0.1), (EXPLAINED[0], 0.0001), (EXPLAINED[0], -0.0002)])
    labels = [step.label for step in waterfall(told, Language.EN) if step.depth is Depth.ATTRIBUTE]
    assert labels == ["attribute 0", "others (2) and rounding"]


def test_what_rounding_alone_leaves_is_called_rounding():
    told = breakdown(0.3, [(EXPLAINED[0], 0.0124), (EXPLAINED[0], 0.0124), (EXPLAINED[0], 0.0124)])
    labels = [step.label for step in waterfall(told, Language.EN) if step.depth is Depth.ATTRIBUTE]
    assert labels == ["attribute 0", "attribute 1", "attribute 2", "rounding"]


def test_zero_is_never_printed_with_a_minus():
    told = breakdown(0.3, [(EXPLAINED[0], -0.00001), (EXPLAINED[1], 0.00001)])
    assert all(np.copysign(1, step.points) == 1 for step in waterfall(told, Language.EN))
