"""How values, numbers and answers are written for people."""
