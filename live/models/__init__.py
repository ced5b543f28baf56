from .broadcast import Booking, Broadcast, Host, Reminder, Transition
from .presence import AudienceSample, Presence, RollCall, RollCallAnswer, Stay
from .room import Ballot, Complaint, Deed, Message, Poll, Restriction, Room, Vote, Word
from .stream import Run, Segment

__all__ = [
    "AudienceSample",
    "Ballot",
    "Booking",
    "Broadcast",
    "Complaint",
    "Deed",
    "Host",
    "Message",
    "Poll",
    "Presence",
    "Reminder",
    "Restriction",
    "RollCall",
    "RollCallAnswer",
    "Room",
    "Run",
    "Segment",
    "Stay",
    "Transition",
    "Vote",
    "Word",
]
