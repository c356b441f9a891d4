"""Shell text to commands: what a RUN, CMD or heredoc script would start, and where in the file each word stands."""
