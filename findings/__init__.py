"""REMEMBER and PUBLISH: the lifecycle of findings, the documents that hold it, and the reports made from it."""
