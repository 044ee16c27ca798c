"""Gates: which red lines, warnings and papers due hold for each project, and which red lines were left unanswered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.words import Language, Words
from scoring.conditions import Mask, truth, unanswered
from scoring.policy import EFFECTS, Effect, Gate, Policy
from scoring.wording import CLAUSE, Texts, listed

FROM = Words("自 {day} 起适用", "from {day}")


@dataclass(frozen=True)
class Findings:
    """What the gates of a policy found.

    Attributes
    ----------
    gates : the G gates asked, in the order of the policy
    holds : (n, G) where a gate holds
    open : per attribute, the (n,) rows whose blank cell leaves a red line open
    """

    gates: tuple[Gate, ...]
    holds: Mask
    open: Mapping[str, Mask]

    @property
    def vetoed(self) -> Mask:
        """The rows that a red line stops, (n,)."""
        vetoes = [gate.effect is Effect.VETO for gate in self.gates]
        return np.asarray(self.holds[:, np.array(vetoes, bool)].any(axis=1))


def findings(policy: Policy, rows: pd.DataFrame, reviewed: NDArray[np.datetime64]) -> Findings:
    """Return what a policy's gates find in typed rows with their derived ratios.

    Parameters
    ----------
    rows : DataFrame of shape (n_projects, n_attributes)
    reviewed : (n_projects,) datetime64[D]
        A gate applies to reviews from the day it is in force to the day before ``until``. A row without a review day
        is held to every gate.
    """
    holds = np.zeros((len(rows), len(policy.gates)), bool)
    left_open: dict[str, Mask] = {}
    for column, gate in enumerate(policy.gates):
        applies = _applies(gate, reviewed)
        holds[:, column] = truth(gate.when, rows).yes & applies
        for attribute, mask in unanswered(gate.when, rows).items() if gate.unanswered else ():
            left_open[attribute] = left_open.get(attribute, np.zeros(len(rows), bool)) | (mask & applies)
    return Findings(policy.gates, holds, MappingProxyType(left_open))


def gate_phrase(gate: Gate, language: Language) -> str:
    """Return a gate in words: effect, title, and in brackets the basis and the day from which it applies."""
    effect, title, basis = (words.said(language) for words in (EFFECTS[gate.effect], gate.title, gate.basis))
    since = FROM.said(language).format(day=gate.in_force.isoformat())
    if language is Language.ZH:
        return f"{effect}：{title}（{basis}，{since}）"
    return f"{effect}: {title} ({basis}, {since})"


def by_effect(gates: Iterable[Gate]) -> Sequence[Gate]:
    """Return gates as they are told: vetoes, warnings, then papers due."""
    return sorted(gates, key=lambda gate: list(Effect).index(gate.effect))


def gate_cells(found: Findings, language: Language) -> Texts:
    """Return the text of each row's gates, (n,): vetoes, warnings, then papers due; empty where none holds."""
    order = sorted(range(len(found.gates)), key=lambda column: list(Effect).index(found.gates[column].effect))
    phrases = [gate_phrase(found.gates[column], language) for column in order]
    return listed(found.holds[:, order], phrases, CLAUSE[language])


def _applies(gate: Gate, reviewed: NDArray[np.datetime64]) -> Mask:
    """Return the rows that a gate is asked of; NaT compares false with every day, and so is never outside."""
    outside = reviewed < np.datetime64(gate.in_force, "D")
    if gate.until is not None:
        outside = outside | (reviewed >= np.datetime64(gate.until, "D"))
    return ~outside
