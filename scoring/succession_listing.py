"""The versions of the registry as people read them: a table of all, and the whole story of one."""

from collections.abc import Iterator, Mapping, Sequence

from rich.box import HORIZONTALS
from rich.table import Table

from features.words import Language, Words
from models.fetching import CHALLENGER, CHAMPION, PREVIOUS
from models.registry import Run
from scoring.succession import Standing

ROLES = {
    CHAMPION: Words("现用", "champion"),
    PREVIOUS: Words("上一任", "previous"),
    CHALLENGER: Words("待评", "challenger"),
}
SHORT = 12  # digits of a hash in a table
WHEN = "%Y-%m-%d %H:%M"
NOBODY = Words("还没有训练过的模型。请运行 luodi retrain。", "No model has been trained yet. Run luodi retrain.")


def table(standings: Sequence[Standing], language: Language) -> Table:
    """Return every version with its role, its hash, and the last thing that was done with it."""
    drawn = Table(box=HORIZONTALS, pad_edge=False, collapse_padding=True)
    drawn.add_column(Words("版本", "version").said(language), justify="right", no_wrap=True)
    drawn.add_column(Words("角色", "role").said(language), no_wrap=True)
    drawn.add_column(Words("登记时间", "logged").said(language), no_wrap=True)
    drawn.add_column(Words("哈希", "hash").said(language), no_wrap=True)
    drawn.add_column(Words("最近一步", "last step").said(language), overflow="fold")
    for one in standings:
        drawn.add_row(
            str(one.version.version),
            ROLES[one.role].said(language) if one.role else "",
            one.version.logged_at.astimezone().strftime(WHEN),
            one.version.bundle_hash[:SHORT],
            _deed(one, -1, language) if one.deeds else "",
        )
    return drawn


def story(standing: Standing, run: Run) -> Iterator[Words]:
    """Yield all that is known of one version: hash, tags, parameters, metrics, and who did what with it and why."""
    version = standing.version
    role = ROLES[standing.role] if standing.role else Words("无", "none")
    yield Words(f"版本 {version.version}", f"version {version.version}")
    yield Words(f"角色：{role.zh}", f"role: {role.en}")
    yield Words(f"哈希：{version.bundle_hash}", f"hash: {version.bundle_hash}")
    logged = version.logged_at.astimezone().strftime(WHEN)
    yield Words(f"登记：{logged}，运行 {version.run_id}", f"logged: {logged}, run {version.run_id}")
    yield from _pairs(Words("标签", "tags"), {k: v for k, v in version.tags.items() if v != version.bundle_hash})
    yield from _pairs(Words("参数", "parameters"), run.parameters)
    yield from _pairs(Words("指标", "metrics"), {name: f"{figure:.4g}" for name, figure in run.metrics.items()})
    for place in range(len(standing.deeds)):
        yield Words(_deed(standing, place, Language.ZH), _deed(standing, place, Language.EN))


def _pairs(title: Words, pairs: Mapping[str, str]) -> Iterator[Words]:
    if pairs:
        yield Words(f"{title.zh}：", f"{title.en}:")
        for name, cell in sorted(pairs.items()):
            yield Words(f"  {name} = {cell}", f"  {name} = {cell}")


def _deed(standing: Standing, place: int, language: Language) -> str:
    deed = standing.deeds[place]
    when = deed.at.astimezone().strftime(WHEN)
    return Words(
        zh=f"{when} {deed.by} {deed.what.zh}：{deed.reason}", en=f"{when} {deed.what.en} by {deed.by}: {deed.reason}"
    ).said(language)
