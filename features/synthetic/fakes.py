"""Fake projects: shells that promise hundreds of times their capital, sign in a month, and hardly ever produce."""

import numpy as np
from numpy.typing import NDArray

from features.synthetic.design import Design, Seeds, Stream
from features.synthetic.investors import Days
from features.synthetic.sheet import Values, code_of
from features.synthetic.traits import significant

LANDED = -2.0  # log-odds beyond what the attributes show
FINISHED = -4.5
UNMASKED = 0.3  # share whose equity chain is already found out at the review


def fake(n: int, design: Design, seeds: Seeds) -> NDArray[np.bool_]:
    """Return which of ``n`` projects are fakes."""
    return np.asarray(seeds.rng(Stream.FAKES, "which").uniform(size=n) < design.fakes)


def shells_founded(reviewed: Days, seeds: Seeds) -> Days:
    """Return the day each shell would be founded, one to twenty months before its review."""
    days = seeds.rng(Stream.FAKES, "founded").integers(30, 600, size=len(reviewed))
    return np.asarray(reviewed - days.astype("timedelta64[D]"))


def disguise(values: Values, is_fake: NDArray[np.bool_], seeds: Seeds) -> None:
    """Write over the values of the fakes what such projects file, in place."""
    rng = seeds.rng(Stream.FAKES, "sheet")
    n = len(is_fake)
    size = rng.standard_normal(n)
    times, paid, net, haste, claim, land, support, pick, chain = rng.uniform(size=(9, n))
    total = significant(np.clip(200_000 * np.exp(0.7 * size), 60_000, 2_000_000), 3)
    registered = significant(total / (120 + 480 * times), 2)
    fixed = significant(0.8 * total, 3)
    area = np.round(300 + 2200 * land, 0)
    output = significant(total * (1.6 + claim), 3)
    tax = significant(0.04 * output, 3)
    filed = {
        "total_investment": total,
        "fixed_asset_investment": fixed,
        "registered_capital": registered,
        "paid_in_capital": significant(0.2 * registered * paid, 2),
        "net_assets": significant(registered * (0.05 + 0.7 * net), 3),
        "investor_revenue": np.full(n, np.nan),
        "expected_output": output,
        "expected_tax": tax,
        "land_area": area,
        "investment_intensity": np.round(fixed / area, 2),
        "tax_per_mu": np.round(tax / area, 2),
        "negotiation_days": np.round(5 + 24 * haste),
        "gov_support_ratio": np.round(20 + 30 * support, 1),
        "motive": np.where(pick < 0.6, code_of("motive", "圈地"), code_of("motive", "政策套利")),
        "construction_nature": np.full(n, code_of("construction_nature", "新建")),
        "equity_verified": np.where(chain < UNMASKED, code_of("equity_verified", "疑似假冒"), 1.0),
        "investor_tier": np.zeros(n),
        "hi_tech_cert": np.zeros(n),
        "repeat_investor": np.zeros(n),
        "track_record_rate": np.full(n, np.nan),
        "invention_patents": np.zeros(n),
    }
    for name, value in filed.items():
        values[name] = np.where(is_fake, value, values[name])
    for name, most in {"agreement_type": "框架", "site_visit": "仅参观", "land_status": "有指标"}.items():
        values[name] = np.where(is_fake, np.minimum(values[name], code_of(name, most)), values[name])
