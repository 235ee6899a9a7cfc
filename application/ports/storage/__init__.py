"""The storage ports: a unit of work, and one store (repository) per aggregate.

The methods of stores are synchronous: adapters run them where blocking is allowed.
"""
