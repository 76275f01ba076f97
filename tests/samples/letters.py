from app.domain.banking.services import save_team_account
from app.domain.letters.services import save_settings

ACCOUNT = {
    "account_holder": "Tanzschule <Rheintakt>",
    "iban": "DE89370400440532013000",
    "bic": "",
    "bank_name": "",
    "creditor_id": "",
}
LOOK = {"window": "din5008b", "return_line": "Wir <b>", "contact_lines": "", "footer": "a\n\nb"}


def give(_customer_id: int) -> None:
    save_settings(LOOK)
    save_team_account(ACCOUNT)
