"""What deploys the service, by what Microsoft's compiler predicts of it; `make infra` runs the compiler itself."""
