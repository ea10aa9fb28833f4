"""Metropole turns a folder of RDF into a checked, released and served knowledge graph."""
