"""What the report of formed groups says, in any language."""
