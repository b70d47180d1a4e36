"""Laws are tried on the same examples in every run, and the first call of a compiled function may take its second."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
