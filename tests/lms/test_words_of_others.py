"""What libraries say for us is said in our words: the school's name, one language."""

from django.core import mail
from django.urls import reverse
from django.utils import translation
from wagtail.admin.localization import get_js_translation_strings

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


def test_who_has_an_account_is_told_in_our_words_and_led_to_our_address(client, learner, settings):
    settings.SITE_URL = "https://school.example"
    client.post(reverse("account_signup"), {**FORM, "login": learner.email})
    sent = mail.outbox[-1]
    assert sent.subject == "首席质量官网校：您已有账户"
    assert "https://school.example/accounts/login/" in sent.body
    assert "testserver" not in sent.body


def test_a_code_for_an_address_without_account_is_answered_in_our_words(client, db, settings):
    settings.SITE_URL = "https://school.example"
    client.post(reverse("account_request_login_code"), {"login": "nobody@example.org", "email": "nobody@example.org"})
    sent = mail.outbox[-1]
    assert sent.subject == "首席质量官网校：此邮箱尚无账户"
    assert "https://school.example/accounts/signup/" in sent.body


def test_our_words_leave_those_of_the_editor_alone():
    """A catalogue of ours comes before the libraries': one word with two meanings has a context."""
    with translation.override("zh-hans"):
        assert get_js_translation_strings()["MONTHS"][4] == "五月"
        assert [translation.gettext(word) for word in ("Type", "Live", "No", "Terms")] == ["类型", "发布", "否", "词语"]
