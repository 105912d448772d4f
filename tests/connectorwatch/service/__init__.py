"""Tests of the service's use cases."""
