"""Outcomes as they arrive: feeds of events and ledgers are read, judged, and taken into the store."""

from scoring.outcomes.taken import Taken
from scoring.outcomes.taking import take

__all__ = ["Taken", "take"]
