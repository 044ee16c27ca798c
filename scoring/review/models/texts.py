"""The catalogues and policies that filings and scores were made under, word for word."""

from django.db import models

from scoring.review.models.append_only import AppendOnly


class CatalogText(AppendOnly):
    """A catalogue as it stood."""

    digest: str = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the text
    name: str = models.CharField(max_length=200)
    version: str = models.CharField(max_length=200)
    text: str = models.TextField()


class PolicyText(AppendOnly):
    """A policy pack as it stood."""

    digest: str = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the text
    name: str = models.CharField(max_length=200)
    version: str = models.CharField(max_length=200)
    text: str = models.TextField()
