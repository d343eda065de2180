"""What isolation adds to the pages of others."""
