"""The report of a retraining: one page that needs no network, and the same findings as JSON."""
