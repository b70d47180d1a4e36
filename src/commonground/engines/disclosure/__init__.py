"""Publishing counts and rates of small groups so that nobody can work out a withheld figure."""
