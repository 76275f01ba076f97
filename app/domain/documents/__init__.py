"""Files of a customer: uploaded, kept once each, never shown inside the application."""
