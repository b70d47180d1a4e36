"""Real places: public files turned into programs, and invented applicants whose demand follows the published counts.

A board can so rehearse on a market of its own shape. The readers know a file's columns, never its labels: a new
preference or a new school changes nothing here.
"""
