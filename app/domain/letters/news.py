"""Events of the letters area."""

announces = {"letter_settings.changed": "The team gave its letters another look"}
