"""What sampling decides: pure functions over facts."""
