"""One reader a section: what to ask Graph for, and how its answer becomes a section."""
