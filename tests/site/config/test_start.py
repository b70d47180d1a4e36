"""What the site loads before it answers: the engines' compilers and solvers are no part of it."""

import subprocess
import sys

HEAVY = {"numba", "scipy", "highspy", "weasyprint", "llvmlite"}
START = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.core.management import call_command
call_command("check")
import commonground.site.config.wsgi
import procrastinate.contrib.django
procrastinate.contrib.django.app.perform_import_paths()
from django.urls import get_resolver
get_resolver().url_patterns
print(*{name.split(".")[0] for name in sys.modules})
"""


def test_a_web_process_and_a_worker_start_without_compilers_and_solvers() -> None:
    loaded = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True, timeout=120)
    names = set(loaded.stdout.splitlines()[-1].split())
    assert "commonground" in names
    assert not names & HEAVY, "import them where they are used: these take seconds"
