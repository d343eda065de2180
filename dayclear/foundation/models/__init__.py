from dayclear.foundation.models.accounts import ApiToken, Grant, User
from dayclear.foundation.models.answers import KeptAnswer
from dayclear.foundation.models.attempts import Attempt
from dayclear.foundation.models.checks import TrailCheck
from dayclear.foundation.models.deadlines import Deadline
from dayclear.foundation.models.events import Event, Seal, Subject

__all__ = ["ApiToken", "Attempt", "Deadline", "Event", "Grant", "KeptAnswer", "Seal", "Subject", "TrailCheck", "User"]
