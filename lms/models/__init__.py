from .account import AccountChange, BureauPost, Consent, Outgoing, Terms, User
from .bureau import AuditEntry, Export
from .enterprise import Appointment, Enterprise, IndustryChain, Membership
from .figures import KeptFigures, KeptSession, KeptTally, OpeningBalance, PeriodLock, UncountedFact
from .job import WorkerBeat
from .platform import ApiToken, Webhook, WebhookCursor, WebhookDelivery
from .region import Region
from .roster import Invitation, MemberDecision, Roster
from .school import SchoolSettings
from .tally import Activity, ActivityFacts, LedgerBatch, Participation

__all__ = [
    "AccountChange",
    "Activity",
    "ActivityFacts",
    "ApiToken",
    "Appointment",
    "AuditEntry",
    "BureauPost",
    "Consent",
    "Enterprise",
    "Export",
    "IndustryChain",
    "Invitation",
    "KeptFigures",
    "KeptSession",
    "KeptTally",
    "LedgerBatch",
    "MemberDecision",
    "Membership",
    "OpeningBalance",
    "Outgoing",
    "Participation",
    "PeriodLock",
    "Region",
    "Roster",
    "SchoolSettings",
    "Terms",
    "UncountedFact",
    "User",
    "Webhook",
    "WebhookCursor",
    "WebhookDelivery",
    "WorkerBeat",
]
