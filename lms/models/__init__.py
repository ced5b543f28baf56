from .account import BureauPost, Consent, Outgoing, Terms, User
from .enterprise import Appointment, Enterprise, IndustryChain, Membership
from .region import Region
from .tally import Activity, LedgerBatch, Participation

__all__ = [
    "Activity",
    "Appointment",
    "BureauPost",
    "Consent",
    "Enterprise",
    "IndustryChain",
    "LedgerBatch",
    "Membership",
    "Outgoing",
    "Participation",
    "Region",
    "Terms",
    "User",
]
