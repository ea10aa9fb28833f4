"""Stories: pages of text whose figures, tables and charts are answers to saved queries."""

from metropole.stories.answers import Answer, Term, Unanswered, answer_name, is_number, said
from metropole.stories.markdown import Insert, Kind, Story, StoryProblem, read

__all__ = [
    "Answer",
    "Insert",
    "Kind",
    "Story",
    "StoryProblem",
    "Term",
    "Unanswered",
    "answer_name",
    "is_number",
    "read",
    "said",
]
