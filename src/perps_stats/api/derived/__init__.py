"""What is compared and derived when it is asked for: from rows of now, or from those of a span."""
