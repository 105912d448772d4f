"""RUN: settings, wiring, the use cases and the command line."""

__version__ = "0.1.0"
