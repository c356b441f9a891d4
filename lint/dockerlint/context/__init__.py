"""What a build is given besides its Dockerfile: the ignore file, and contexts in git repositories."""
