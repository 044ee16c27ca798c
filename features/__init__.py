"""From files people keep to attributes a model may use: catalogue, tables, as-of history, timeline, synthetic registers."""
