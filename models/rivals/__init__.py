"""The models that luodi is measured against: each a name and one function from a lesson to chances.

A rival sees exactly the features, projects and days that luodi sees. To add one, write the function and enter it in
`RIVALS`. But for the tuned classifier they are what a careful person writes first. Where there is too little to learn
from, a rival gives the constant.
"""

from collections.abc import Callable, Iterable
from importlib.util import find_spec

from features.words import Words
from models.rivals.card import expert_card
from models.rivals.classifiers import classifier_current, classifier_mature, classifier_tuned
from models.rivals.constants import constant, hazards, knows_the_year
from models.rivals.guests import catboost_mature, explainable_boosting
from models.rivals.lesson import Floats, Lesson, Rival
from models.rivals.person_period import free_hazard, logistic_hazard

__all__ = ["RIVALS", "Floats", "Lesson", "Rival", "at_hand", "constant", "hazards"]


RIVALS: tuple[Rival, ...] = (
    Rival(
        "classifier_current",
        Words("默认分类器（当前状态）", "default classifier, current status"),
        classifier_current,
    ),
    Rival(
        "classifier_mature",
        Words("默认分类器（仅成熟项目）", "default classifier, mature cohorts"),
        classifier_mature,
    ),
    Rival(
        "classifier_tuned",
        Words("调参分类器（仅成熟项目）", "tuned classifier, mature cohorts"),
        classifier_tuned,
    ),
    Rival("logistic_hazard", Words("岭回归逻辑风险模型", "ridge logistic hazard"), logistic_hazard),
    Rival("expert_card", Words("专家评分卡（单独）", "expert card alone"), expert_card),
    Rival("lightgbm_hazard", Words("LightGBM 风险模型（自由交互）", "LightGBM hazard, free"), free_hazard),
    Rival("catboost", Words("CatBoost（仅成熟项目）", "CatBoost, mature cohorts"), catboost_mature, needs="catboost"),
    Rival(
        "explainable_boosting",
        Words("可解释提升机 EBM（仅成熟项目）", "explainable boosting machine, mature cohorts"),
        explainable_boosting,
        needs="interpret",
    ),
    Rival("constant", Words("训练期基准率", "constant, training rate"), constant),
    Rival(
        "constant_knowing_year",
        Words("已知当年结果的常数（仅作参照）", "constant that knows the year (reference)"),
        knows_the_year,
        knows_answers=True,
    ),
)


def _installed(library: str) -> bool:
    return find_spec(library) is not None


def at_hand(
    rivals: Iterable[Rival], installed: Callable[[str], bool] = _installed
) -> tuple[tuple[Rival, ...], tuple[Words, ...]]:
    """Return the rivals whose library is there, and a note that names the others and how to get them."""
    asked = tuple(rivals)
    kept = tuple(rival for rival in asked if not rival.needs or installed(rival.needs))
    absent = [rival for rival in asked if rival not in kept]
    return kept, (_left_out(absent),) if absent else ()


def _left_out(absent: Iterable[Rival]) -> Words:
    labels = [rival.label for rival in absent]
    zh, en = "、".join(label.zh for label in labels), "; ".join(label.en for label in labels)
    return Words(
        zh=f"以下做法所需的库未安装，未参加比较：{zh}；请安装附加依赖：pip install 'luodi[rivals]'",
        en=f"left out, their libraries are not installed: {en}; install the extra: pip install 'luodi[rivals]'",
    )
