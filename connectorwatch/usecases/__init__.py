"""What a command does, without how it is shown."""
