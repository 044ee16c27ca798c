import re
from io import BytesIO

import numpy as np
import pytest
from matplotlib import image

from features.catalog import Clock
from features.words import Language
from models.comparison import Forecasts, Measures, compare
from models.intervals import Sample
from scoring.reliability import drawn, fonts, language_drawn, reliability


def forecasts(year, n, crowd=None):
    rng = np.random.default_rng(year)
    said = rng.beta(2, 3, n) if crowd is None else np.full(n, crowd)
    came = (rng.uniform(size=n) < said).astype(float)
    start = np.datetime64(f"{year}-01-01")
    return Forecasts(start, Sample(came, {"luodi": said}, np.arange(n)), start + rng.integers(0, 365, n), 0, 50, 20)


def result(*years):
    return compare(Clock.LANDED, 24, years, Measures(k=5, draws=5))


@pytest.fixture(scope="module")
def found():
    return result(forecasts(2015, 300), forecasts(2016, 200))


def pixels(png):
    return image.imread(BytesIO(png))


@pytest.mark.parametrize("language", Language)
def test_a_plot_is_a_picture_that_two_runs_draw_alike(found, language):
    once, twice = (reliability(found, language_drawn(language)) for _ in range(2))
    assert once == twice
    height, width, _ = pixels(once).shape
    assert height > width > 700
    assert len(once) > 15_000


def test_chinese_and_english_are_drawn_where_a_font_holds_them(found):
    if fonts():
        assert reliability(found, Language.ZH) != reliability(found, Language.EN)
        assert language_drawn(Language.ZH) is Language.ZH
    else:
        assert language_drawn(Language.ZH) is Language.EN
    assert language_drawn(Language.EN) is Language.EN


def test_each_group_stands_where_it_was_forecast_and_came_within_its_interval(found):
    above, _ = drawn(found, Language.EN).axes
    (group,) = above.containers
    points, _, (intervals,) = group.lines
    rows = found.calibration
    np.testing.assert_allclose(points.get_xydata(), [(row.said, row.came) for row in rows])
    bounds = [[(row.said, row.low), (row.said, row.high)] for row in rows]
    np.testing.assert_allclose(np.array(intervals.get_segments()), bounds)


def test_below_every_project_is_counted_once(found):
    _, below = drawn(found, Language.EN).axes
    assert sum(bar.get_height() for bar in below.patches) == found.n
    assert below.get_xlim() == (0, 1)


@pytest.mark.parametrize(
    "years",
    [(forecasts(2015, 1),), (forecasts(2015, 40, crowd=0.4),), (forecasts(2015, 40, crowd=0.0),)],
    ids=["one project", "one chance for all", "nothing ever"],
)
def test_a_thin_evaluation_is_drawn_all_the_same(years):
    assert re.match(rb"\x89PNG", reliability(result(*years), Language.EN))
