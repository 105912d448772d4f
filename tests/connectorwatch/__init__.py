"""The tests of RUN."""
