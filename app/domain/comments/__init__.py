"""What the team notes about a customer; it never leaves the house."""
