"""The tests: a mirror of the product."""
