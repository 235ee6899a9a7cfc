"""What the application calls: implementations of its ports, named `<Technology><Port>`."""
