"""Troubleshooting from the cloud side: what a pasted error means, and why an application is not reached."""
