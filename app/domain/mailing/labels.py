"""What this area is called, its fields, their choices, what happens to it and what goes wrong."""

from app.core.i18n import _l
from app.core.outbox import BROKEN, RESTORED
from app.domain.mailing.rules import SILENT

labels = {
    "to": _l("To"),
    "cc": _l("Cc"),
    "bcc": _l("Bcc"),
    "host": _l("Server"),
    "port": _l("Port"),
    "security": _l("Encryption"),
    "username": _l("User"),
    "password": _l("Password"),
    "from_name": _l("Name of the sender"),
    "from_address": _l("Address of the sender"),
    "sends_as": _l("E-mails come from"),
}

choices = {
    "security": {
        "starttls": _l("STARTTLS (usually port 587)"),
        "tls": _l("TLS (usually port 465)"),
        "none": _l("none"),
    },
    "sends_as": {
        "team": _l("the address of the team"),
        "user": _l("the address of whoever writes"),
    },
}

actions = {
    "set_up": _l("Mail server %(subject)s set up"),
    "changed": _l("Mail server %(subject)s changed"),
    "removed": _l("Mail server %(subject)s removed"),
}

errors = {
    "no_account": _l("No mail server is set up."),
    "secret": _l("The stored password cannot be read: the server's secret key has changed."),
    "name_unknown": _l("There is no mail server of this name."),
    "connection_refused": _l("The mail server does not answer on this port."),
    "unreachable": _l("The mail server cannot be reached."),
    "time_out": _l("The mail server did not answer in time."),
    "no_mail_server": _l("What answers there is not a mail server."),
    "no_tls": _l("The mail server does not speak TLS on this port."),
    "no_starttls": _l("The mail server does not offer STARTTLS."),
    "certificate_name": _l("The certificate belongs to a server of another name."),
    "certificate_expired": _l("The certificate of the mail server has expired."),
    "certificate_own": _l("The mail server made its certificate itself."),
    "certificate": _l("The certificate of the mail server is not trustworthy."),
    "no_login": _l("The mail server offers no login that is understood here."),
    "login_refused": _l("The mail server refuses the user or the password."),
    "login_needed": _l("The mail server wants a login."),
    "sender_refused": _l("The mail server does not accept this sender."),
    "recipients_refused": _l("The mail server accepts none of the recipients."),
    "partly": _l("Some recipients were refused."),
    "foreign_letters": _l("The mail server takes no special letters before the @."),
    "too_large": _l("The mail is too large for the mail server."),
    "refused": _l("The mail server refuses this mail."),
    "busy": _l("The mail server cannot take this mail just now."),
    "cut_off": _l("The connection to the mail server broke."),
    "gone": _l("The mail does not exist any more."),
    "trash": _l("The customer is in the trash."),
    SILENT: _l("The customer gets no information."),
    "file_gone": _l("A file of this mail cannot be found any more."),
    "unwritable": _l("The mail has a sender or a recipient that is no address."),
    RESTORED: _l(
        "It waited when the backup was made that is in place now. "
        "Perhaps it has been sent since; try again only if it has not."
    ),
    BROKEN: _l("Something went wrong here; the log of the server tells more."),
}
"""What keeps something from being delivered, by the code its entry in the outbox has.

What has no words of its own is our fault: BROKEN.
"""

advice = {
    "no_account": _l("Set one up here."),
    "secret": _l("Type the password again and save."),
    "name_unknown": _l("Check the name of the mail server."),
    "connection_refused": _l("Check the port: 587 with STARTTLS or 465 with TLS is usual."),
    "unreachable": _l("Check the name of the server, and whether a firewall is in the way."),
    "time_out": _l("Check port and encryption: 587 with STARTTLS or 465 with TLS is usual."),
    "no_mail_server": _l("Check the name of the server and the port."),
    "no_tls": _l("STARTTLS is probably right here."),
    "no_starttls": _l("Try TLS with port 465."),
    "certificate_name": _l("Use the name your provider tells; it stands in the certificate."),
    "certificate_expired": _l("Whoever runs the mail server has to renew it."),
    "certificate_own": _l("The operator can have it trusted, by SSL_CERT_FILE."),
    "certificate": _l("Check the name of the server. Somebody might be listening."),
    "no_login": _l("Choose encryption; many servers offer the login only then."),
    "login_refused": _l("Some providers want a password of its own for programs like this one."),
    "login_needed": _l("Give a user and a password."),
    "sender_refused": _l("Take the address that belongs to the user."),
    "busy": _l("Try again in a few minutes."),
    "cut_off": _l("Try again. If it stays so, ask whoever runs the mail server."),
}
"""What to do about it, for whoever sets up the account."""
