"""From files people keep to attributes a model may use: catalogues, tables, as-of history, timelines, synthetics."""
