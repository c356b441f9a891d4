"""ShellCheck's findings about the scripts of a Dockerfile.

ShellCheck is a program of its own, and optional (docs/decisions/0008). `program` finds it, `handover` writes a script
so that it understands what is special about a RUN, `checker` runs it over many scripts at a time and remembers what it
said, `remarks` reads its answer, and `findings` brings that back to the Dockerfile. `inspection` does all this for a
file.
"""
