"""The people of the demo school: one account a role, with passwords made on this machine."""

import json
import secrets
from datetime import date
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from courses.models import Trainer
from lms import consents, enterprises
from lms.models import BureauPost, Enterprise, Membership, Region, User

SINCE = date(2026, 1, 1)
CAST = {
    "learner": "张明远",
    "trainer": "李蔚然",
    "editor": "周文静",
    "city_clerk": "王立新",
    "provincial_clerk": "赵国安",
    "service_centre": "孙雅琴",
    "enterprise_manager": "陈思齐",
    "admin": "系统管理员",
}
GROUPS = {
    "trainer": ["Trainers"],
    "editor": ["Editors"],
    "city_clerk": ["Bureau"],
    "provincial_clerk": ["Bureau"],
}
POSTS = {"city_clerk": "510100", "provincial_clerk": "510000", "service_centre": "510104"}
CENTRES = {"service_centre": "锦江区质量技术一站式服务中心"}
FIRM = {"code": "91510100DEMQ01379A", "name": "成都示范轴承有限公司", "size": Enterprise.Size.MEDIUM}


class Refused(Exception):
    """Demo accounts belong on a laptop, never on a public site."""


def make() -> Path:
    """Make the accounts that are missing; the file with their passwords, readable by its owner only.

    Passwords are known only from that file: when it is lost, they are set anew.
    """
    if not settings.DEMO:
        raise Refused("Demo accounts are refused outside development.")
    path = Path(settings.VAR_DIR) / "demo-accounts.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    if set(known) == set(CAST) and _all_there(known):
        return path
    logins = {}
    with transaction.atomic():
        for role, name in CAST.items():
            login = f"{role.replace('_', '.')}@demo.example"
            password = known.get(role, {}).get("password") or secrets.token_urlsafe(9)
            _account(role, name, login, password)
            logins[role] = {"login": login, "password": password}
        _firm(User.objects.get(email=logins["learner"]["login"]), Membership.Role.STAFF, "质量负责人")
        _firm(User.objects.get(email=logins["enterprise_manager"]["login"]), Membership.Role.MANAGER, "培训管理员")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(logins, indent=2) + "\n")
    return path


def _all_there(known: dict[str, dict[str, str]]) -> bool:
    logins = [each["login"] for each in known.values()]
    return User.objects.filter(email__in=logins).count() == len(logins)


def _account(role: str, name: str, login: str, password: str) -> None:
    user = User.objects.filter(email=login).first()
    if user is None:
        user = User.objects.create_user(email=login, password=password, name=name)
    elif not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=user, email=login, defaults={"verified": True, "primary": True})
    consents.give(user, consents.missing(user))
    user.groups.add(*Group.objects.filter(name__in=GROUPS.get(role, [])))
    if role == "admin" and not user.is_superuser:
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
    if role == "trainer":
        Trainer.objects.filter(name=name, account=None).update(account=user)
    if role in POSTS:
        region = Region.objects.current().get(code=POSTS[role])
        duty = BureauPost.Duty.CENTRE if role in CENTRES else BureauPost.Duty.BUREAU
        told = {"started_on": SINCE, "duty": duty, "unit": CENTRES.get(role, "")}
        BureauPost.objects.get_or_create(user=user, region=region, defaults=told)


def _firm(user: User, role: str, post: str) -> None:
    if enterprises.membership(user) is None:
        firm = enterprises.find_or_create(**FIRM, city=Region.objects.current().get(code="510100"))
        enterprises.join(user=user, enterprise=firm, role=role, post=post, on=SINCE)
