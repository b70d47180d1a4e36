"""A common lottery that anyone can verify.

Families rank programs, schools set priorities, and one random draw gives every child at most one seat. Start with
`model` (what goes in), then `draw` (what comes out). Needs neither the site nor a database.
"""
