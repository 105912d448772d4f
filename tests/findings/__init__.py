"""The tests of REMEMBER and PUBLISH."""
