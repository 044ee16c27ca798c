"""As-of history: what had become of earlier projects strictly before a day, by key and by place."""
