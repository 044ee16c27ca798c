"""The project sheet of the invented county: every attribute known at the review, as numbers and codes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.synthetic.design import Seeds, Stream
from features.synthetic.investors import DAYS_PER_YEAR, Days, Indices, Investors
from features.synthetic.traits import Draw, Floats, industries, significant, traits

Values = dict[str, Floats]  # attribute id -> numbers, or codes of the trait's levels, shape (n,)

SHELL_YEARS = 2.0  # a younger firm has no accounts to show
SIZE_OF_STRENGTH = 0.35  # strong investors make larger projects
LEASED = "租赁厂房"
STANDING_PLANT = "存量厂房"
CHEMICALS = ("C2614", "C2710")
HAZARDOUS = "较大"
IN_CHEMICAL_PARK = 0.9  # share of chemical and hazardous projects that go where they must
LANDLESS = ("I6513", "L7211")
PER_MU = 260.0  # 万元 of fixed assets on one 亩, at the median


@dataclass(frozen=True)
class Pipeline:
    """Which projects come when, and whose they are: arrays of shape (n,)."""

    reviewed: Days
    investor: Indices  # index in the pool; negative = the shell of a fake
    founded: Days
    earlier: NDArray[np.bool_]  # the investor has an earlier project in the register


@dataclass(frozen=True)
class Behind:
    """What lies behind the attributes of a project: arrays of shape (n,), about standard normal."""

    industry: Indices
    latents: Mapping[str, Floats]


def sheet(pipeline: Pipeline, firms: Investors, own: Indices, seeds: Seeds) -> tuple[Values, Indices]:
    """Return the values of every trait, in the order of ``world.toml``, and the industry of each project.

    ``own`` is the firm of the pool whose traits a project has, shells included: their disguise comes later.
    """
    behind = _behind(firms, own, seeds)
    values: Values = {}
    for trait in traits().values():
        if trait.draw is Draw.MADE:
            continue
        if trait.investor:
            values[trait.id] = firms.values[trait.id][own]
            continue
        noise = seeds.rng(Stream.SHEET, trait.id).standard_normal(len(pipeline.reviewed))
        rest = np.sqrt(max(0.0, 1 - sum(load**2 for load in trait.on.values())))
        values[trait.id] = trait.value(sum((b * behind.latents[k] for k, b in trait.on.items()), rest * noise))
    _kind(values, behind, seeds)
    _money_and_land(values, behind, seeds)
    _standing(values, pipeline, seeds)
    return {name: values[name] for name in traits()}, behind.industry


def code_of(trait: str, level: str) -> float:
    """Return the code of a level.

    >>> code_of("construction_nature", "新建")
    0.0
    """
    return float(traits()[trait].levels.index(level))


def age_years(pipeline: Pipeline) -> Floats:
    """Return the age of each investor at the review, in years."""
    return (pipeline.reviewed - pipeline.founded).astype(float) / DAYS_PER_YEAR


def _behind(firms: Investors, own: Indices, seeds: Seeds) -> Behind:
    rng = seeds.rng(Stream.LATENTS)
    scale, readiness = rng.standard_normal((2, len(own)))
    strength = firms.strength[own]
    shares = np.array([i.share for i in industries()])
    industry = rng.choice(len(shares), size=len(own), p=shares / shares.sum())
    latents = {
        "size": SIZE_OF_STRENGTH * strength + np.sqrt(1 - SIZE_OF_STRENGTH**2) * scale,
        "strength": strength,
        "trust": firms.trust[own],
        "readiness": readiness,
        "dirty": np.array([i.dirty for i in industries()])[industry],
        "hot": np.array([i.hot for i in industries()])[industry],
    }
    return Behind(industry, latents)


def _kind(values: Values, behind: Behind, seeds: Seeds) -> None:
    kinds = np.array([code_of("project_type", i.kind) for i in industries()])
    values["project_type"] = kinds[behind.industry]
    leased = values["construction_nature"] == code_of("construction_nature", LEASED)
    values["land_status"] = np.where(leased, code_of("land_status", STANDING_PLANT), values["land_status"])
    recognised = seeds.rng(Stream.SHEET, "in_chemical_park").uniform(size=len(leased)) < IN_CHEMICAL_PARK
    hazardous = values["hazard_class"] >= code_of("hazard_class", HAZARDOUS)
    values["in_chemical_park"] = ((_any_of(behind, CHEMICALS) | hazardous) & recognised).astype(float)
    values["in_park"] = np.maximum(values["in_park"], values["in_chemical_park"])


def _money_and_land(values: Values, behind: Behind, seeds: Seeds) -> None:
    rng = seeds.rng(Stream.SHEET, "money and land")
    n = len(behind.industry)
    share, paid, tax = rng.uniform(size=(3, n))
    turnover, density, heads = rng.standard_normal((3, n))
    total, nature = values["total_investment"], values["construction_nature"]
    leased = nature == code_of("construction_nature", LEASED)
    fixed = significant(total * np.where(leased, 0.3 + 0.3 * share, 0.6 + 0.3 * share), 3)
    per_asset = np.array([i.turnover for i in industries()])[behind.industry]
    output = significant(fixed * per_asset * np.exp(0.35 * turnover), 3)
    landless = leased | (nature == code_of("construction_nature", "技改")) | _any_of(behind, LANDLESS)
    land = np.where(landless, 0.0, np.maximum(np.round(fixed / (PER_MU * np.exp(0.5 * density)), 1), 0.5))
    values["fixed_asset_investment"] = fixed
    values["paid_in_capital"] = significant(values["registered_capital"] * np.sqrt(paid), 2)
    values["expected_output"] = output
    values["expected_tax"] = significant(output * (0.02 + 0.06 * tax), 3)
    values["land_area"] = land
    values["jobs"] = np.maximum(5.0, np.round(90 * np.exp(0.55 * behind.latents["size"] + 0.7 * heads)))
    _per_mu(values)


def _per_mu(values: Values) -> None:
    """Fill what is counted per 亩; a project without land has none."""
    land = np.where(values["land_area"] > 0, values["land_area"], np.nan)
    values["investment_intensity"] = np.round(values["fixed_asset_investment"] / land, 2)
    values["tax_per_mu"] = np.round(values["expected_tax"] / land, 2)


def _standing(values: Values, pipeline: Pipeline, seeds: Seeds) -> None:
    """Fill what depends on the investor's past: accounts it can show, projects it did here or elsewhere."""
    rng = seeds.rng(Stream.SHEET, "standing")
    shown, elsewhere, known = rng.uniform(size=(3, len(pipeline.reviewed)))
    shell = age_years(pipeline) < SHELL_YEARS
    repeat = pipeline.earlier | (elsewhere < 0.08)
    values["repeat_investor"] = repeat.astype(float)
    values["investor_revenue"] = np.where(shell, np.nan, values["investor_revenue"])
    values["debt_ratio"] = np.where(shell & (shown < 0.5), np.nan, values["debt_ratio"])
    values["track_record_rate"] = np.where(repeat | (known < 0.35), values["track_record_rate"], np.nan)


def _any_of(behind: Behind, codes: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.isin(behind.industry, [k for k, i in enumerate(industries()) if i.code in codes])
