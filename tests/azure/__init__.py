"""Azure Storage, tried against the emulator Azurite, which runs on unused ports of this machine."""
