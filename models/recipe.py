"""The training recipe: every choice of a training run as data, read from TOML that rejects unknown keys."""

import hashlib
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from features.errors import CatalogError, Problem
from features.words import Words

DEFAULT: Final = Path(__file__).parent / "recipes" / "default.toml"
VOLATILE: Final = ("drop", "keep", "auto")


@dataclass(frozen=True)
class Trees:
    """The boosted trees of one clock, in LightGBM's words where it has one."""

    rounds: int
    learning_rate: float
    num_leaves: int
    lambda_l2: float
    feature_fraction: float  # by node
    least_features: int  # by node, where the fraction would be fewer
    bagging_fraction: float
    max_bin: int
    min_leaf_events: float  # least hessian, about the expected events, in a leaf


@dataclass(frozen=True)
class Card:
    """The scorecard of one clock."""

    penalty: float  # of the ridge, in units of information


@dataclass(frozen=True)
class Blend:
    """How card and trees are weighed against each other."""

    even_from_events: float  # outcomes at which the trees are half way to an even share
    stretch_sd: float  # of the sum of both weights, around 1
    balance_sd: float  # of their difference


@dataclass(frozen=True)
class Level:
    """How the level of each period is fitted."""

    folds: int
    prior_projects: float


@dataclass(frozen=True)
class Shock:
    """What is believed of the shock before the register shows any."""

    prior_sd: float
    prior_horizons: float


@dataclass(frozen=True)
class Frailty:
    """What is believed of the differences that no attribute tells, before any life."""

    prior_mode: float


@dataclass(frozen=True)
class Bag:
    """The refits that tell how sure a rank is."""

    members: int


@dataclass(frozen=True)
class Attributes:
    """Which attributes train."""

    volatile: str


@dataclass(frozen=True)
class Recipe:
    """One training recipe."""

    seed: int
    threads: int
    trees: Trees
    card: Card
    blend: Blend
    level: Level
    frailty: Frailty
    shock: Shock
    bag: Bag
    attributes: Attributes

    @cached_property
    def text(self) -> str:
        """The recipe as TOML, in one canonical form, so that equal recipes have equal text."""
        tables = {k: v for k, v in asdict(self).items() if isinstance(v, dict)}
        plain = {k: v for k, v in asdict(self).items() if not isinstance(v, dict)}
        blocks = [_lines(plain), *(f"[{name}]\n{_lines(table)}" for name, table in tables.items())]
        return "\n".join(blocks)

    def reseeded(self, by: int) -> "Recipe":
        """Return the recipe with another seed, for a refit that is to differ by more than its sample."""
        return replace(self, seed=self.seed + by)

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _lines(values: dict[str, Any]) -> str:
    return "".join(f'{k} = "{v}"\n' if isinstance(v, str) else f"{k} = {v!r}\n" for k, v in values.items())


def read_recipe(path: str | Path = DEFAULT) -> Recipe:
    """Return the recipe in a TOML file, the default one if none is named.

    Raises
    ------
    CatalogError
        The file is missing, is not TOML, lacks a key, has an unknown one, or a value is out of range; all at once.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(
            Words(
                zh=f"训练配方 {path}：应为可读的 UTF-8 文本文件；实际 {error}。请检查路径。",
                en=f"recipe {path}: must be a readable UTF-8 text file; got {error}. Check the path.",
            )
        ) from error
    return parse_recipe(text, str(path))


def parse_recipe(text: str, source: str) -> Recipe:
    """Return the recipe that ``text`` spells.

    Examples
    --------
    >>> recipe = read_recipe()
    >>> parse_recipe(recipe.text, "again") == recipe
    True
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(
            Words(
                zh=f"训练配方 {source}：应为 TOML；实际 {error}。",
                en=f"recipe {source}: must be TOML; got {error}.",
            )
        ) from error
    problems = _problems(data)
    if problems:
        raise CatalogError(
            Words(zh=f"训练配方 {source} 有误：", en=f"recipe {source} breaks its rules:"),
            problems,
        )
    return Recipe(
        seed=data["seed"],
        threads=data["threads"],
        **{name: table(**_as_declared(table, data[name])) for name, table in _TABLES.items()},
        attributes=Attributes(**data["attributes"]),
    )


def _as_declared(table: type, values: dict[str, Any]) -> dict[str, Any]:
    return {f.name: f.type(values[f.name]) for f in fields(table)}  # type: ignore[operator]


# least and greatest value of each number; the least is allowed, the greatest too
_RANGES: Final[dict[str, tuple[float, float]]] = {
    "seed": (0, 2**31 - 1),
    "threads": (1, 1024),
    "trees.rounds": (1, 10_000),
    "trees.learning_rate": (1e-4, 1),
    "trees.num_leaves": (2, 256),
    "trees.lambda_l2": (0, 1e6),
    "trees.feature_fraction": (0.01, 1),
    "trees.least_features": (1, 10_000),
    "trees.bagging_fraction": (0.1, 1),
    "trees.max_bin": (3, 65_535),
    "trees.min_leaf_events": (0.001, 1e6),
    "card.penalty": (1e-3, 1e9),
    "blend.even_from_events": (0, 1e6),
    "blend.stretch_sd": (1e-3, 100),
    "blend.balance_sd": (1e-3, 100),
    "level.folds": (2, 100),
    "level.prior_projects": (0.1, 1e6),
    "frailty.prior_mode": (0.01, 4),
    "shock.prior_sd": (0.01, 5),
    "shock.prior_horizons": (0.1, 1e6),
    "bag.members": (0, 1000),
}
_WHOLE: Final = frozenset(
    {
        "seed",
        "threads",
        "trees.rounds",
        "trees.num_leaves",
        "trees.least_features",
        "trees.max_bin",
        "level.folds",
        "bag.members",
    }
)
_TABLES: Final = {
    "trees": Trees,
    "card": Card,
    "blend": Blend,
    "level": Level,
    "frailty": Frailty,
    "shock": Shock,
    "bag": Bag,
}


def _problems(data: dict[str, Any]) -> list[Problem]:
    flat = {
        f"{name}.{key}" if isinstance(value, dict) else name: inner
        for name, value in data.items()
        for key, inner in (value.items() if isinstance(value, dict) else [("", value)])
    }
    wanted = {*_RANGES, "attributes.volatile"}
    found = [
        _said(key, "不认识的键，请删去", "is not a key of a recipe; remove it") for key in sorted({*flat} - wanted)
    ]
    found += [_said(key, "缺少此键，请补上", "is missing; add it") for key in sorted(wanted - {*flat})]
    found += [_range(key, flat[key]) for key in _RANGES if key in flat and not _in_range(key, flat[key])]
    volatile = flat.get("attributes.volatile", "auto")
    if volatile not in VOLATILE:
        choices = ", ".join(VOLATILE)
        found.append(
            _said(
                "attributes.volatile",
                f"应为 {choices} 之一；实际 {volatile!r}",
                f"must be one of {choices}; got {volatile!r}",
            )
        )
    return found


def _in_range(key: str, value: object) -> bool:
    kinds = (int,) if key in _WHOLE else (int, float)
    low, high = _RANGES[key]
    return isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high


def _range(key: str, value: object) -> Problem:
    low, high = _RANGES[key]
    whole_zh, whole = ("整数", "a whole number") if key in _WHOLE else ("数", "a number")
    return _said(
        key,
        f"应为 {low:g} 到 {high:g} 之间的{whole_zh}；实际 {value!r}",
        f"must be {whole} from {low:g} to {high:g}; got {value!r}",
    )


def _said(key: str, zh: str, en: str) -> Problem:
    return Problem(key, Words(zh=zh, en=en))
