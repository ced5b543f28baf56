from .appeal import Appeal
from .assessment import Answer, Assessment, Attempt, BlueprintRule, Question, QuestionVersion
from .assignment import Assignment, WeeklyLetter
from .attention import AttentionPrompt
from .certificate import Certificate, CertificateEvent, CertificateSeries, SerialCounter
from .classroom import ClassMember, ClassSession, ClassSignIn, TrainingClass
from .course import ChapterPage, CoursePage, CourseTrainer, LessonPage, Trainer
from .evaluation import Aspect, Evaluation, EvaluationBundle, EvaluationQuestion
from .film_chapter import FilmChapter
from .issuance import Issuance
from .learning import Attendance, Enrolment, LessonProgress, Override, ProgrammeEnrolment, WatchBeat, WatchSession
from .listing import EnterpriseList, Listed
from .note import Note
from .pages import ContentPage, HomePage, NoticeIndexPage, NoticePage, TrackPage
from .programme import ProgrammeCourse, ProgrammePage
from .retention import Retention, RetentionMark
from .standard import Standard
from .suspicion import Flag, FlagReview

__all__ = [
    "Answer",
    "Appeal",
    "Aspect",
    "Assessment",
    "Assignment",
    "Attempt",
    "Attendance",
    "AttentionPrompt",
    "BlueprintRule",
    "Certificate",
    "CertificateEvent",
    "CertificateSeries",
    "ChapterPage",
    "ClassMember",
    "ClassSession",
    "ClassSignIn",
    "ContentPage",
    "CoursePage",
    "CourseTrainer",
    "Enrolment",
    "EnterpriseList",
    "Evaluation",
    "EvaluationBundle",
    "EvaluationQuestion",
    "FilmChapter",
    "Flag",
    "FlagReview",
    "HomePage",
    "Issuance",
    "LessonPage",
    "LessonProgress",
    "Listed",
    "Note",
    "NoticeIndexPage",
    "NoticePage",
    "Override",
    "ProgrammeCourse",
    "ProgrammeEnrolment",
    "ProgrammePage",
    "Question",
    "QuestionVersion",
    "Retention",
    "RetentionMark",
    "SerialCounter",
    "Standard",
    "TrackPage",
    "Trainer",
    "TrainingClass",
    "WatchBeat",
    "WatchSession",
    "WeeklyLetter",
]
