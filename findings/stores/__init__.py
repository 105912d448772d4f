"""Where documents are kept: what a store promises (`ports`), and one module for each kind of store."""
