"""The machine and the cloud below the product: sign-in, storage, logs, telemetry."""
