"""What a committee sees: gates, merit, grades, ranks, reasons, the files of a batch, and the command line."""
