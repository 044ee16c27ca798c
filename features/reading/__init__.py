"""From the bytes of a sheet to typed rows: sources, headers, cells, privacy, and what each fault is called."""
