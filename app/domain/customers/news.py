"""Events of the customers area, and the questions it asks the areas on its right."""

announces = {
    "customer.created": "A customer was added",
    "customer.changed": "Master data of a customer changed, its e-mails and phones included",
    "contact_person.changed": "A contact person was added, edited, removed or restored",
    "marks.changed": "The badges that an area hangs on a customer may have changed",
    "customer.marking": "Question: which badges hang on a customer? "
    "Handlers answer (text, state) pairs",
    "customer.indexing": "Question: by which further words is a customer found? "
    "Handlers answer a dict from customer id to texts",
}
