"""The report in a real browser; run by `make browser`."""
