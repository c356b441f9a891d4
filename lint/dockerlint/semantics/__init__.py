"""Tree to meaning: stages, scopes, expansion, and the state before each instruction."""
