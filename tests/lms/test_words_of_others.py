"""What libraries say for us is said in our words: the school's name, one language."""

from django.core import mail
from django.urls import reverse
from django.utils import translation

FORM = {"name": "王小质", "password1": "four-green-lathes", "agreement": "on", "privacy": "on"}


def test_the_mail_with_the_code_names_the_school_in_one_language(client, db):
    client.post(reverse("account_signup"), {**FORM, "login": "new@example.org"})
    sent = mail.outbox[-1]
    assert sent.subject == "首席质量官网校：验证您的邮箱"
    assert "Hello" not in sent.body
    assert "testserver" not in sent.body


def test_a_short_password_is_refused_in_the_readers_language(client, db):
    page = client.post(reverse("account_signup"), {**FORM, "login": "new@example.org", "password1": "kurz7"})
    assert "密码太短：至少要 10 个字符。" in page.content.decode()
    with translation.override("en"):
        address = reverse("account_signup")
    page = client.post(address, {**FORM, "login": "new@example.org", "password1": "kurz7"})
    assert "The password is too short: at least 10 characters." in page.content.decode()
