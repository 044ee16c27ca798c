"""The known effects: what each attribute does to the true clocks, in log-odds, and their sum per project."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.synthetic.sheet import Values
from features.synthetic.traits import Draw, Floats, Scale, Trait, traits


@dataclass(frozen=True)
class Effect:
    """What one attribute does, in log-odds per standard deviation; for categories, from the worst level to the best.

    ``landed`` moves the hazard of starting, ``finished`` that of finishing once started; withdrawal moves the other
    way. ``monotone`` is False where more is neither better nor worse throughout.
    """

    attribute: str
    landed: float
    finished: float
    monotone: bool


@dataclass(frozen=True)
class Scores:
    """The true log-odds of each project on the two hazards, shape (n,), and their parts by attribute."""

    landed: Floats
    finished: Floats
    landed_parts: Mapping[str, Floats]
    finished_parts: Mapping[str, Floats]


def known_effects() -> Mapping[str, Effect]:
    """Return the effect of each attribute that has one, the strongest on landing first.

    >>> list(known_effects())[0]
    'motive'
    >>> [name for name, effect in known_effects().items() if effect.monotone][:2]
    ['preapproval_done', 'land_status']
    """
    effects = [_effect(trait) for trait in traits().values()]
    moving = [e for e in effects if e.landed or e.finished]
    return {e.attribute: e for e in sorted(moving, key=lambda e: (-abs(e.landed), -abs(e.finished)))}


def without_effect() -> tuple[str, ...]:
    """Return the attributes that do nothing of themselves, gates and audit-only ones among them.

    Some go along with attributes that matter (the fixed assets with the investment); ``NOISE`` names those that do not.
    """
    return tuple(name for name in traits() if name not in known_effects())


NOISE = ("energy_intensity", "chain_role", "plot_ratio")  # read by models, tied to nothing, and without effect
AUDIT_ONLY = ("lead_channel", "referrer_type", "local_investor", "hometown_tie")  # likewise, and never read by models


def scores(values: Values, landed_unseen: Floats, finished_unseen: Floats) -> Scores:
    """Return the true log-odds of each project: the sum of its attributes' effects and of what nobody sees."""
    landed = {k: t.effect(values[k], t.landed) for k, t in traits().items() if t.landed != 0.0}
    finished = {k: t.effect(values[k], t.finished) for k, t in traits().items() if t.finished != 0.0}
    return Scores(
        landed=np.sum(list(landed.values()), axis=0) + landed_unseen,
        finished=np.sum(list(finished.values()), axis=0) + finished_unseen,
        landed_parts=landed,
        finished_parts=finished,
    )


def _effect(trait: Trait) -> Effect:
    monotone = trait.draw is not Draw.CATEGORY and trait.scale is not Scale.FAR and not isinstance(trait.landed, tuple)
    return Effect(trait.id, _size(trait.landed), _size(trait.finished), monotone)


def _size(effect: float | tuple[float, ...]) -> float:
    return max(effect) - min(effect) if isinstance(effect, tuple) else effect
