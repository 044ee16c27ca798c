"""The app as Django knows it."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """The review of projects: its label stands before every table."""

    name = "scoring.review"
    label = "review"
    verbose_name = "项目评审"
