"""Values of shapes."""
