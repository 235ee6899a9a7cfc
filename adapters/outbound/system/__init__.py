"""Clock, random numbers and identifiers of the operating system."""
