"""Answers gone wrong by the thousand: the scan ends, claims nothing it was not told, and sends its token nowhere."""
