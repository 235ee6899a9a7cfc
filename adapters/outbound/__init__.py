"""What the application calls through its ports. The technologies do not know each other."""
