from .account import AccountChange, BureauPost, Consent, Outgoing, Terms, User
from .enterprise import Appointment, Enterprise, IndustryChain, Membership
from .job import WorkerBeat
from .region import Region
from .roster import Invitation, MemberDecision, Roster
from .school import SchoolSettings
from .tally import Activity, KeptFigures, LedgerBatch, Participation

__all__ = [
    "AccountChange",
    "Activity",
    "Appointment",
    "BureauPost",
    "Consent",
    "Enterprise",
    "IndustryChain",
    "Invitation",
    "KeptFigures",
    "LedgerBatch",
    "MemberDecision",
    "Membership",
    "Outgoing",
    "Participation",
    "Region",
    "Roster",
    "SchoolSettings",
    "Terms",
    "User",
    "WorkerBeat",
]
