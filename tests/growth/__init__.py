"""How work grows with the tenant, counted rather than timed: these machines are noisy."""
