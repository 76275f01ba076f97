"""Mails that leave the house: the account they are sent by, drafts, and how they are built."""
