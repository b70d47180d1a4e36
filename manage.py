"""Django's commands for developers, on the private database when DATABASE_URL names no other."""

import sys

from commonground.cli import main

if __name__ == "__main__":
    main(["manage", *sys.argv[1:]])
