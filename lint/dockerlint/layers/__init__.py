"""The predicted image: what a build of a Dockerfile would export, without building it."""
