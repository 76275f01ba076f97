"""Events of the settings area, and what it answers."""

from app.domain.settings import queries

announces = {
    "settings.changed": "The team's settings or its choice of panels changed",
}

listens = {
    "files.named": queries.needed_files,
}
