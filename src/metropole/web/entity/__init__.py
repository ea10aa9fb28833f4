"""Pages about things, laid out by shapes."""
