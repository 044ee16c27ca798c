"""The store as a Django app: people, filings, rounds, milestones, approvals, audit.

Importing anything of it sets Django up first: no caller, test or doctest has to know.
"""

from scoring.store import prepare

prepare()
