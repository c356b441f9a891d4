"""Which findings the comments of a file hide, and which of those comments hide nothing."""
