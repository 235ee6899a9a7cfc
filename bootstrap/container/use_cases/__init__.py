"""The use cases: the actions of players, users and operators."""
