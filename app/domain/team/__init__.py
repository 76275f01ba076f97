"""The colleagues who sign in, and who may not."""
