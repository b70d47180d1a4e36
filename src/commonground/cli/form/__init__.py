"""`commonground form`: sign-ups and rules in, a folder with groups, reasons, a map, a report and a proof out.

`command` holds the options and exit codes; `inputs` reads every file and names every mistake before anything is solved;
`solving` runs the engine with a progress bar; `result` turns the answer into files, the same bytes for the same answer;
`folder` writes them whole or not at all; `checking` takes a folder apart again; `example` invents sign-ups.
"""

from commonground.cli.form.command import form

__all__ = ["form"]
