"""Pages about the ontology and the shapes."""
