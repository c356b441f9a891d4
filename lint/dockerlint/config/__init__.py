"""Settings: from files, the environment and the command line to what a run is asked to do."""
