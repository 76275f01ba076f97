"""What the team decides: its name, its formats, its overview."""
