"""Events of the templates area."""

announces = {
    "template.changed": "A template or a category of templates was written, changed or removed",
}
