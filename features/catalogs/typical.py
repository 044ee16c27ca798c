"""What a catalogue calls typical of an attribute: the range of a number, the share of a flag, the shares of levels."""

from collections.abc import Mapping
from dataclasses import replace

from features.catalog import Attribute, Kind
from features.sections import Section, finite, shortened
from features.spelling import nearest
from features.words import Words

ROUNDING = 1e-9  # shares may miss their sum by so much: 0.1 + 0.2 is not 0.3 in the digits of a machine


def read_typical(section: Section, attribute: Attribute) -> Attribute:
    """Return the attribute with what its table calls typical, in the form that its kind asks for.

    Examples
    --------
    >>> from features.catalog import Dimension
    >>> flag = Attribute("in_park", Words("入园", "In a park"), Kind.FLAG, Dimension.LOCAL_FIT)
    >>> dict(read_typical(Section({"typical": 0.6}, "attribute.in_park", []), flag).shares)
    {'yes': 0.6}
    >>> problems = []
    >>> _ = read_typical(Section({"typical": 60}, "attribute.in_park", problems), flag)
    >>> print(problems[0])
    attribute.in_park.typical: must be the share that is yes, above 0 and below 1; got 60; write 60 % as 0.6
    """
    value = section.raw("typical")
    if value is None or _kind_at_fault(section):
        return attribute
    if not attribute.is_feature:
        section.fault("typical", _no_feature(attribute))
        return attribute
    if attribute.kind is Kind.FLAG:
        return replace(attribute, shares=_yes(section, value))
    if attribute.kind in {Kind.ORDINAL, Kind.CATEGORY}:
        return replace(attribute, shares=_levels(section, attribute, value))
    return replace(attribute, typical=_range(section, attribute, value))


def _kind_at_fault(section: Section) -> bool:
    """Return whether the kind itself is wrong, so that no form could be right."""
    return any(problem.column == section.where("kind") for problem in section.problems)


def _no_feature(attribute: Attribute) -> Words:
    kind, dimension = attribute.kind, attribute.dimension
    return Words(
        zh=f"只有可作特征的 number、integer、flag、ordinal、category 有典型值；实际为 {kind} / {dimension}；请删去",
        en="only number, integer, flag, ordinal and category features have typical values;"
        f" got kind {kind}, dimension {dimension}; drop it",
    )


def _range(section: Section, attribute: Attribute, value: object) -> tuple[float, float] | None:
    numbers = [finite(item) for item in value] if isinstance(value, list) else []
    match numbers:
        case [float(low), float(high)]:
            if (wrong := _wrong_range(attribute, low, high)) is not None:
                section.fault("typical", wrong)
            return low, high
    got = shortened(value)
    zh, en = f"必须是 [低, 高] 两个数；实际为 {got}", f"must be two numbers, [low, high]; got {got}"
    section.fault("typical", Words(zh=zh, en=en))
    return None


def _wrong_range(attribute: Attribute, low: float, high: float) -> Words | None:
    if not low < high:
        return Words(
            zh=f"低值必须小于高值（第 10 与第 90 百分位）；实际为 {low:g} 与 {high:g}",
            en=f"the low value must be below the high one (10th and 90th percentile); got {low:g} and {high:g}",
        )
    above = not isinstance(attribute.minimum, float) or attribute.minimum <= low
    below = not isinstance(attribute.maximum, float) or high <= attribute.maximum
    if above and below:
        return None
    return Words(
        zh=f"必须在 minimum 与 maximum 之间；实际为 {low:g} 与 {high:g}；请更正典型值或放宽界限",
        en=f"must lie between minimum and maximum; got {low:g} and {high:g}; correct them or widen the limits",
    )


def _yes(section: Section, value: object) -> Mapping[str, float]:
    share = finite(value)
    if share is not None and 0 < share < 1:
        return {"yes": share}
    got, percent = shortened(value), share is not None and 1 < share < 100
    zh, en = (
        (f"；{value}% 请写成 {share / 100:g}", f"; write {value} % as {share / 100:g}")
        if share is not None and percent
        else ("；请更正，例如 0.3", "; correct it, as in 0.3")
    )
    section.fault(
        "typical",
        Words(
            zh=f"必须是回答“是”的项目占比，大于 0 且小于 1；实际为 {got}{zh}",
            en=f"must be the share that is yes, above 0 and below 1; got {got}{en}",
        ),
    )
    return {}


def _levels(section: Section, attribute: Attribute, value: object) -> Mapping[str, float]:
    """Return the shares of the levels named, none where any of them is wrong."""
    if not isinstance(value, Mapping):
        got = shortened(value)
        zh = f'必须是各等级的占比，例如 {{ "等级" = 0.2 }}；实际为 {got}'
        en = f'must give levels their shares, as in {{ "level" = 0.2 }}; got {got}'
        section.fault("typical", Words(zh=zh, en=en))
        return {}
    if not attribute.levels:
        if not section.has("levels"):  # wrong ones are told where they stand
            section.fault("typical", _NO_LEVELS)
        return {}
    shares = {level: finite(share) for level, share in value.items()}
    wrong = {level: _wrong_level(level, value[level], share, attribute.levels) for level, share in shares.items()}
    for level, words in wrong.items():
        if words is not None:
            section.fault(f"typical.{level}", words)
    if any(wrong.values()):
        return {}
    known = {level: share for level, share in shares.items() if share is not None}
    if (words := _wrong_sum(known, attribute.levels)) is not None:
        section.fault("typical", words)
        return {}
    return known


_NO_LEVELS = Words(
    zh="占比须按等级给出，而此处没有 levels；请列出 levels，或删去 typical",
    en="shares are those of levels, and there are none here; list levels, or drop typical",
)


def _wrong_level(level: str, value: object, share: float | None, levels: tuple[str, ...]) -> Words | None:
    if level not in levels:
        allowed, meant = ", ".join(levels), nearest(level, levels)
        return Words(
            zh=f"必须是一个等级（{allowed}）；实际为 {level!r}" + (f"；是否想写 {meant}？" if meant else "；请更正"),
            en=f"must name a level ({allowed}); got {level!r}" + (f"; did you mean {meant}?" if meant else "; mend it"),
        )
    if share is None or not 0 <= share <= 1:
        got = shortened(value)
        return Words(
            zh=f"必须是 0 到 1 之间的占比；实际为 {got}；20% 请写成 0.2",
            en=f"must be a share from 0 to 1; got {got}; write 20 % as 0.2",
        )
    return None


def _wrong_sum(shares: Mapping[str, float], levels: tuple[str, ...]) -> Words | None:
    total = sum(shares.values())
    if total > 1 + ROUNDING:
        return Words(
            zh=f"各等级占比之和不得超过 1；实际为 {total:g}；请更正，或略去一个等级，由它取余下的",
            en=f"shares must add up to 1 at most; got {total:g}; correct them, or leave out a level: it takes the rest",
        )
    if len(shares) == len(levels) and total < 1 - ROUNDING:
        return Words(
            zh=f"列出全部等级时，占比之和必须为 1；实际为 {total:g}；请更正，或略去一个等级，由它取余下的",
            en=f"shares of all levels must add up to 1; got {total:g}; correct them, or leave out a level: it takes"
            " the rest",
        )
    if max(shares.values(), default=0.0) > 1 - ROUNDING:
        return Words(
            zh="至少两个等级要有占比，否则项目之间没有差别；实际只有一个；请更正",
            en="two levels at least must have a share, or no projects differ; got one with all of it; correct it",
        )
    return None
