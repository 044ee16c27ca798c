"""What is known of an attribute before any outcome: which way it leans on a clock, and how much an expert gives it.

A catalogue speaks of landing and of production. Finishing leans as production does; withdrawing leans against landing.
"""

SPREAD = 0.8  # log-odds that a good card spreads projects by: it ranks about seven in ten pairs right
