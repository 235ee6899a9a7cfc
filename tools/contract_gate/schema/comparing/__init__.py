"""What one union of shapes admits and another does not."""
