"""The tables of the store, by subject."""

from scoring.review.models.accounts import SignIn, Token, User
from scoring.review.models.append_only import AppendOnly
from scoring.review.models.audit import AuditEntry
from scoring.review.models.milestones import MilestoneEntry
from scoring.review.models.projects import Filing, Project
from scoring.review.models.promotion import Approval, Proposal, Reign, Training
from scoring.review.models.rounds import Round, Score
from scoring.review.models.texts import CatalogText, PolicyText

__all__ = [
    "AppendOnly",
    "Approval",
    "AuditEntry",
    "CatalogText",
    "Filing",
    "MilestoneEntry",
    "PolicyText",
    "Project",
    "Proposal",
    "Reign",
    "Round",
    "Score",
    "SignIn",
    "Token",
    "Training",
    "User",
]
