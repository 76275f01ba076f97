"""What operators and scripts can do: `flask --app wsgi COMMAND --help`."""
