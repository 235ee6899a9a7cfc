"""The AsyncAPI document: channels, messages and close codes of the realtime endpoints."""
