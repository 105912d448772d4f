"""The release catalogue, and the page of Microsoft's that it is updated from."""
