"""The built-in catalogues, and how a catalogue is read, checked and turned into headers to fill in."""
