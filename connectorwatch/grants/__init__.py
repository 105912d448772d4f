"""Give an identity what scanning takes, and take it back: what is there, what is to be done, doing it, telling it."""
