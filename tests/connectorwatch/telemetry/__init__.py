"""Tests of what is measured and sent: in memory, and over the wire to receivers on loopback."""
