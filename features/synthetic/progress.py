"""Overwriting: the volatile columns of a ledger once a project has moved on. Who learns from them saw the future."""

import numpy as np

from features.synthetic.design import Seeds, Stream
from features.synthetic.investors import Days
from features.synthetic.ledger import Events
from features.synthetic.sheet import Values, code_of
from features.synthetic.traits import Floats, traits

VOLATILE = (
    "preapproval_done",
    "land_status",
    "site_visit",
    "agreement_type",
    "utilities_ready",
    "decision_level",
    "order_coverage",
    "financing_proof",
    "negotiation_days",
    "response_hours",
    "equity_verified",
)
AT_SIGNING = {
    "agreement_type": "正式投资协议",
    "site_visit": "查看产线",
    "decision_level": "高管",
    "equity_verified": "部分",
}
AT_START = {
    "agreement_type": "土地/厂房合同",
    "land_status": "净地",
    "utilities_ready": "部分",
    "financing_proof": "授信/承诺函",
    "preapproval_done": "5",
}


def overwritten(values: Values, happened: Events, signed: Days, reviewed: Days, seeds: Seeds) -> Values:
    """Return the values, the volatile ones as they stand after the events given. Progress only ever raises a level."""
    now = dict(values)
    fake = values["equity_verified"] == code_of("equity_verified", "疑似假冒")
    has_signed, has_started = ~np.isnat(signed), ~np.isnat(happened.started)
    luck = {name: seeds.rng(Stream.PROGRESS, name).uniform(size=len(reviewed)) for name in VOLATILE}
    for name, level in AT_SIGNING.items():
        now[name] = np.where(has_signed & (luck[name] < 0.7), _raised(now[name], name, level), now[name])
    for name, level in AT_START.items():
        now[name] = np.where(has_started & (luck[name] < 0.95), _raised(now[name], name, level), now[name])
    step = np.where(has_signed & ~has_started & (luck["preapproval_done"] < 0.5), 1, 0)
    step = np.where(np.isnat(happened.produced), step, 6)
    now["preapproval_done"] = np.minimum(now["preapproval_done"] + step, 6)
    orders = traits()["order_coverage"].rounded(now["order_coverage"] * (1 + 0.8 * luck["order_coverage"]))
    now["order_coverage"] = np.where(np.isnat(happened.produced), now["order_coverage"], np.minimum(orders, 200))
    to_signing = np.where(has_signed, (signed - reviewed).astype(float), 0)
    now["negotiation_days"] = now["negotiation_days"] + to_signing
    quicker = np.maximum(np.round(now["response_hours"] * (0.4 + 0.6 * luck["response_hours"])), 1)
    now["response_hours"] = np.where(has_started, quicker, now["response_hours"])
    now["equity_verified"] = np.where(fake, values["equity_verified"], now["equity_verified"])
    return now


def _raised(value: Floats, name: str, level: str) -> Floats:
    return np.maximum(value, code_of(name, level))
