"""Events of the settings area."""

announces = {
    "settings.changed": "The team's settings or its choice of panels changed",
}
