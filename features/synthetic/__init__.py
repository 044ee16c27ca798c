"""A seeded generator of a Chinese county's investment projects with a known truth."""

from features.synthetic.design import Design
from features.synthetic.effects import AUDIT_ONLY, NOISE, Effect, known_effects, without_effect
from features.synthetic.office import as_office_sheet
from features.synthetic.progress import VOLATILE
from features.synthetic.register import Register, Round, generate

__all__ = [
    "AUDIT_ONLY",
    "NOISE",
    "VOLATILE",
    "Design",
    "Effect",
    "Register",
    "Round",
    "as_office_sheet",
    "generate",
    "known_effects",
    "without_effect",
]
