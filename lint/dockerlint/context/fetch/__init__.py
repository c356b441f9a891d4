"""Build contexts that are not a folder yet: a git repository, an archive, a download, standard input."""
