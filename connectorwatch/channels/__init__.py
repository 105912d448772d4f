"""Ways to people and machines: Teams, signed webhooks, mail, the log. Each takes news and says how it took it."""
