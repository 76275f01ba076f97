"""What panels and pages share beyond the plumbing: they know the domain and the request.

`preferences` (whose language and list), `listing` and `chosen` (the customer list and who is ticked
in it), `follow_ups` (their mark and their form), `groups` (what the picker sends).
"""
