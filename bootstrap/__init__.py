"""Puts everything together: settings, container, application, server, command line.

The only package that knows all others, and the only one that imports dependency_injector.
"""
