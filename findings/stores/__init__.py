"""Storage of documents: the interfaces (`ports`), and one module for each kind of store."""
