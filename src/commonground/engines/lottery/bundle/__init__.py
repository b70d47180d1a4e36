"""The audit bundle: everything an outsider needs to check a draw, and the check itself."""
