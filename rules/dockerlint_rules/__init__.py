"""The built-in rules of dlint: one module per subject, found through the entry point `dockerlint.rules`."""
