"""Discrete-time hazards, the curves and exact explanations that follow from them, their evaluation, and the bundle."""
