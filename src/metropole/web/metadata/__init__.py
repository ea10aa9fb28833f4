"""What a machine learns of the dataset and its documents: catalogue, links, citations."""
