"""What is missing before a scan can see everything, which verdicts that costs, and the command that fixes it."""
