"""A tenant's state document: findings over time, the outbox, the trend."""
