"""What a batch costs besides its work, and what a second worker gains."""
