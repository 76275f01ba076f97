"""The rules floor: what is, what must hold, what happens and what is asked, one folder per area."""
