"""Letters: a sheet of paper with a window, a text and a signature, kept as it went out."""
