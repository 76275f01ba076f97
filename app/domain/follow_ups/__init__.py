"""What somebody is to come back to: a day and a person on a comment or a message."""
