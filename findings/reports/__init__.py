"""Pure renderers: a scan's result in, files for people and programs out; the same input gives the same bytes."""
