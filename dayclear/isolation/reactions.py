"""What isolation does when something happens elsewhere."""
