"""Who is who: the projects that the store knows, and which of them a row of a feed names."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from features.reading.sayings import listed, seen
from features.spelling import folded
from features.words import Words


@dataclass(frozen=True, slots=True)
class Registered:
    """One project of the store.

    Attributes
    ----------
    name : the key of its first filing
    catalog : the catalogue of its first filing, by name
    entries : the days of its filings, in order
    """

    uid: str
    name: str
    catalog: str
    entries: tuple[date, ...]


@dataclass(frozen=True)
class Register:
    """The projects of the store, found by number or by name as people write them."""

    projects: Mapping[str, Registered]  # by number, folded
    _named: dict[str, list[Registered]] = field(default_factory=lambda: defaultdict(list), init=False)

    def __post_init__(self) -> None:
        """Write down who bears which name."""
        for project in self.projects.values():
            self._named[folded(project.name)].append(project)

    def numbered(self, uid: str) -> Registered | None:
        """Return the project of that number, None where there is none."""
        return self.projects.get(folded(uid))

    def filed(self, name: str, entry: date | None, catalog: str) -> Registered | None:
        """Return the one project of that name that was filed on that day, None where there is none, or several."""
        bearers = [p for p in self._named.get(folded(name), ()) if p.catalog == catalog and entry in p.entries]
        return bearers[0] if len(bearers) == 1 else None

    def found(self, number: str | None, name: str | None, catalog: str) -> Registered | Words:
        """Return the project that a row names by its number, else by its name; or why it names none."""
        if number is not None:
            project = self.numbered(number)
            if project is None:
                return _unknown(number)
            if project.catalog != catalog:
                return of_another(number, project.catalog, catalog)
            if name is not None and self._is_another(name, project):
                return _another_name(name, project)
            return project
        bearers = [project for project in self._named.get(folded(name or ""), ()) if project.catalog == catalog]
        if not bearers:
            return self._nobody(name or "", catalog)
        return bearers[0] if len(bearers) == 1 else _several(name or "", bearers)

    def _nobody(self, name: str, catalog: str) -> Words:
        elsewhere = self._named.get(folded(name))
        return of_another(name, elsewhere[0].catalog, catalog) if elsewhere else _unknown(name)

    def _is_another(self, name: str, project: Registered) -> bool:
        """Whether the name is that of other projects only: one that nobody bears may be a new spelling."""
        bearers = self._named.get(folded(name), [])
        return bool(bearers) and project not in bearers


def _unknown(got: str) -> Words:
    return Words(
        zh=f"必须是存储中的项目；实际为 {seen(got)}，没有这个项目；请核对编号或名称，或先评分（--round）、导入台账",
        en=f"must be a project of the store; got {seen(got)}, which is not in it; look at the number or name, or first "
        "score it (--round) or feed the ledger",
    )


def of_another(got: str, own: str, asked: str) -> Words:
    """The project is of another catalogue."""
    return Words(
        zh=f"必须是目录 {asked} 的项目；实际 {seen(got)} 属于目录 {own}；请核对 --catalog",
        en=f"must be a project of the catalogue {asked}; got {seen(got)} of {own}; look at --catalog",
    )


def _another_name(got: str, project: Registered) -> Words:
    return Words(
        zh=f"编号与名称必须是同一项目；实际 {seen(got)} 不是 {seen(project.uid)}（{seen(project.name)}）；请核对两者",
        en=f"number and name must be of one project; got {seen(got)} for {seen(project.uid)} ({seen(project.name)}); "
        "correct one of them",
    )


def _several(got: str, bearers: list[Registered]) -> Words:
    numbers = listed(project.uid for project in bearers)
    return Words(
        zh=f"名称必须只指一个项目；实际 {seen(got)} 有 {len(bearers)} 个（{numbers}）；请用项目编号",
        en=f"a name must be that of one project; got {seen(got)} of {len(bearers)} ({numbers}); give the number",
    )
