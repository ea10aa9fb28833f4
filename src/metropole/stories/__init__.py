"""Stories: pages of text whose figures, tables and charts are answers to saved queries."""

from metropole.stories.answers import Answer, Unanswered, answer_name, said
from metropole.stories.markdown import Insert, Kind, Story, StoryProblem, read

__all__ = [
    "Answer",
    "Insert",
    "Kind",
    "Story",
    "StoryProblem",
    "Unanswered",
    "answer_name",
    "read",
    "said",
]
