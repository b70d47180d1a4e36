"""Reading published directories and comparing them with ours: tables in, records, changes and problems out.

Nothing here touches the database or the clock. The formats are those in which the National Center for Education Statistics (NCES)
publishes public schools and districts: its search pages, the files of the Common Core of Data (CCD), and the geocode files of its
EDGE program.
"""
