"""RUN: settings, wiring, the use cases and the command line."""
