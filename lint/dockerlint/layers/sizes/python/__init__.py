"""What pip and its like install: the packages of Python, from an index such as pypi.org."""
