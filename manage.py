"""Django's commands for developers: starts the private database when no other is named."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonground.site.config.settings")
    os.environ.setdefault("COMMONGROUND_HTTPS", "0")
    if "DATABASE_URL" not in os.environ:
        from commonground.site.config import postgres

        postgres.server().start()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
