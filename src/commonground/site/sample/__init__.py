"""An invented county, the same every time from one seed: for the demo, for screenshots and for tests.

Juniper County in the state of Laurelia (LR) exists nowhere. Its people, schools and words are made up; its numbers follow the
shape of real counties: a small city, suburbs, towns and wide rural parts, districts of one to thirty-six schools, charter
operators of one to eight.
"""
