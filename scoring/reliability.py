"""The reliability plot of a clock: what was said beside what came, by tenths, over how often it was said.

It needs matplotlib, of the extra [plots]. Drawn without a display and without touching the disk.
"""

from io import BytesIO

import numpy as np
from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from features.terms import CLOCKS
from features.words import Language, Words
from models.comparison import LUODI, ClockResult

CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Microsoft YaHei")
_SIZE, _DPI = (5.6, 6.4), 150  # inches
_BAR = 0.05  # width of a bar of the histogram, in probability
_BLUE, _GREY = "#1f5a96", "#8a8f98"
_SAID = Words("预测概率", "chance forecast")
_CAME = Words("实际比例", "share that came")
_PROJECTS = Words("项目数", "projects")
_GROUPS = Words("十分位组，附 90% 区间", "tenths, with 90 % intervals")
_MEAN = Words("预测均值 {said:.1%}，实际 {came:.1%}", "mean forecast {said:.1%}, came {came:.1%}")
_DIAGONAL = Words("预测与实际一致", "as forecast")


def language_drawn(language: Language) -> Language:
    """Return the language a plot can speak here: English where no Chinese font is installed."""
    return language if language is Language.EN or fonts() else Language.EN


def fonts() -> list[str]:
    """Return the installed fonts that hold Chinese, the better ones first."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in CHINESE if name in installed]


def reliability(result: ClockResult, language: Language) -> bytes:
    """Return the plot of one clock as a PNG, over all origins together; the same bytes for the same findings."""
    with rc_context({"font.sans-serif": [*fonts(), "DejaVu Sans"], "axes.unicode_minus": False}):
        file = BytesIO()
        drawn(result, language).savefig(file, format="png", dpi=_DPI, metadata={"Software": None})
    return file.getvalue()


def drawn(result: ClockResult, language: Language) -> Figure:
    """Return the plot before it is a picture: the groups above, how often each chance was said below."""
    figure = Figure(figsize=_SIZE, layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    _draw_groups(above, result, language)
    _draw_histogram(below, result, language)
    return figure


def _draw_groups(axes: Axes, result: ClockResult, language: Language) -> None:
    rows = result.calibration
    said, came = np.array([row.said for row in rows]), np.array([row.came for row in rows])
    reach = np.array([[row.came - row.low for row in rows], [row.high - row.came for row in rows]])
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--", label=_DIAGONAL.said(language))
    axes.errorbar(
        said, came, reach, fmt="o", color=_BLUE, markersize=5, elinewidth=1.2, capsize=2.5, label=_GROUPS.said(language)
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel=_CAME.said(language))
    axes.set_title(f"{_title(result).said(language)}\n{_summary(result, language)}", fontsize=11, linespacing=1.5)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.legend(loc="upper left", frameon=False, fontsize=9)
    _bare(axes)


def _draw_histogram(axes: Axes, result: ClockResult, language: Language) -> None:
    chances = np.concatenate([one.sample.chances[LUODI] for one in result.forecasts])
    axes.hist(chances, bins=list(np.arange(0, 1 + _BAR / 2, _BAR)), color=_BLUE, alpha=0.75, edgecolor="white")
    axes.set(xlabel=_SAID.said(language), ylabel=_PROJECTS.said(language))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    _bare(axes)


def _bare(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e6e8eb", linewidth=0.7)
    axes.set_axisbelow(True)


def _title(result: ClockResult) -> Words:
    clock, months = CLOCKS[result.clock], result.horizon_months
    return Words(
        f"{clock.zh}（{months} 个月内）：{result.n} 个项目，{len(result.origins)} 个时点",
        f"{clock.en} within {months} months: {result.n} projects, {len(result.origins)} origins",
    )


def _summary(result: ClockResult, language: Language) -> str:
    said = sum(row.n * row.said for row in result.calibration) / result.n
    return _MEAN.said(language).format(said=said, came=result.came)
