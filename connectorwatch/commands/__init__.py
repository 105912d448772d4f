"""The commands, one file each: parse, call one use case, show its result. Nothing heavy is imported before it runs."""
