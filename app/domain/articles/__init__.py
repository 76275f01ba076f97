"""What the team sells: articles with their price and their tax."""
