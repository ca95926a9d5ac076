"""Proves a Dockerfile without a container engine; see __main__.py."""
