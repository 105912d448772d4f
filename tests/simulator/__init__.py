"""Tests of the simulated Graph, over real HTTP."""
