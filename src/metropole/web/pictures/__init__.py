"""Pictures of the rows of an answer, drawn on the server: bars, lines and maps.

Python finds what is drawn and where; the templates write it as SVG. Positions are parts of the
width and height in percent, so that a picture fits a phone without its letters getting small.
"""

from metropole.web.pictures.choice import Choices, choices
from metropole.web.pictures.drawing import Picture, picture
from metropole.web.pictures.lines import Breaks

__all__ = ["Breaks", "Choices", "Picture", "choices", "picture"]
