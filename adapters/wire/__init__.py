"""Events, frames and messages as bytes, and their schemas. Imports `application`."""
