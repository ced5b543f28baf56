from .account import AccountChange, BureauPost, Consent, Outgoing, Terms, User
from .enterprise import Appointment, Enterprise, IndustryChain, Membership
from .job import WorkerBeat
from .region import Region
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
    "KeptFigures",
    "LedgerBatch",
    "Membership",
    "Outgoing",
    "Participation",
    "Region",
    "SchoolSettings",
    "Terms",
    "User",
    "WorkerBeat",
]
