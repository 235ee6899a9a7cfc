"""Wire formats: encoding of events, frames and messages, and their schemas. Imports
`application`."""
