"""The investors of the invented county: evidently synthetic firms, some of which come again, and what nobody sees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from stdnum.cn import uscc

from features.synthetic.design import Design, Seeds, Stream
from features.synthetic.traits import Floats, traits

Days = NDArray[np.datetime64]
Indices = NDArray[np.intp]
DAYS_PER_YEAR = 365.25
INVESTORS_PER_PROJECT = 1.0
NO_REGION = "000000"  # no place has this code: the firm is evidently invented


@dataclass(frozen=True)
class Investors:
    """A pool of investors, one entry each.

    ``strength`` shows in the attributes; ``trust`` (standard normal) shows in nothing but what became of its projects.
    """

    strength: Floats
    trust: Floats
    popularity: Floats  # chance that a project is this investor's; sums to 1
    years_before: Floats  # age of the firm in years at its first review
    values: dict[str, Floats]  # traits of the investor, the same in each of its projects

    def __len__(self) -> int:
        """Return how many investors there are."""
        return len(self.strength)


def pool(design: Design, seed: int) -> Investors:
    """Return the investors of a county: the same for the register and for every round drawn from it."""
    seeds = Seeds(seed)
    rng = seeds.rng(Stream.INVESTORS)
    n = max(1, round(design.n_projects * INVESTORS_PER_PROJECT))
    strength, trust = rng.standard_normal((2, n))
    weight = 1.0 + rng.pareto(2.0, n)
    years = np.clip(7.0 * np.exp(0.95 * rng.standard_normal(n) + 0.3 * strength), 0.15, 60)
    values = {}
    for trait in traits().values():
        if trait.investor:
            load = trait.on.get("strength", 0.0)
            noise = seeds.rng(Stream.INVESTORS, trait.id).standard_normal(n)
            values[trait.id] = trait.value(load * strength + np.sqrt(1 - load**2) * noise)
    return Investors(strength, trust, weight / weight.sum(), years, values)


def debuts(firms: Investors, investor: Indices, reviewed: Days, otherwise: np.datetime64) -> Days:
    """Return the day of each investor's first review, shape (n_investors,); ``otherwise`` where it has none."""
    first = np.full(len(firms), otherwise, dtype="datetime64[D]")
    np.minimum.at(first, investor, reviewed)
    return first


def founded(firms: Investors, investor: Indices, first: Days) -> Days:
    """Return the day each project's firm was founded, shape (n,): some years before its ``first`` review."""
    return np.asarray(first - np.round(firms.years_before[investor] * DAYS_PER_YEAR).astype("timedelta64[D]"))


def firm_name(number: int) -> str:
    """Return the name of a firm; negative numbers are shells made up for one fake project."""
    return f"示例企业{number:04d}有限公司" if number >= 0 else f"示例空壳{-number:04d}有限公司"


def credit_code(number: int) -> str:
    """Return a credit code with a right check digit and a body that no firm can have.

    >>> credit_code(12)
    '91000000XN0000012H'
    >>> uscc.is_valid(credit_code(-3))
    True
    """
    body = f"91{NO_REGION}X{'N' if number >= 0 else 'K'}{abs(number):07d}"
    return body + str(uscc.calc_check_digit(body))
