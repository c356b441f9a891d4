"""Facts about base images and where they come from."""
