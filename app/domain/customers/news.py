"""Events of the customers area, and the questions it asks the areas on its right."""

announces = {
    "customer.created": "A customer was added",
    "customer.changed": "Master data of a customer changed, its e-mails and phones included",
    "contact_person.changed": "A contact person was added, edited, removed or restored",
    "marks.changed": "The badges that an area hangs on a customer may have changed",
    "customer.removed": "A customer was put into the trash; its rows are kept. "
    "For areas that act by themselves, like sending or fetching: they let it rest",
    "customer.restored": "A customer came back from the trash, and they go on",
    "trash.purged": "What was removed before an instant is deleted for good",
    "customer.erased": "Customers leave for good: every area deletes its rows of them",
    "customer.marking": "Question: which badges hang on customers? "
    "Handlers answer a dict from customer id to (text, state) pairs; "
    "a hint banner has its look instead of a state",
    "customer.deletion_requested": "Question: may a customer be deleted? "
    "Handlers answer the reason why not, or None",
    "customer.belonging": "Question: what goes with a customer who is deleted? "
    "Handlers answer texts like '3 comments'",
    "customer.indexing": "Question: by which further words is a customer found? "
    "Handlers answer a dict from customer id to texts",
}
