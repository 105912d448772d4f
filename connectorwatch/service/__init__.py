"""The use cases of the service in the cloud; function_app.py calls one for each of its triggers."""
