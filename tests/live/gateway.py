"""A mail gateway that counts its connections, and hangs up in the middle if it is told to."""

from smtplib import SMTPServerDisconnected

from django.core.mail.backends.base import BaseEmailBackend

seen, told = [], {"refuses": 0}


def began(*, refuses=0):
    seen.clear()
    told["refuses"] = refuses


class Gateway(BaseEmailBackend):
    is_open = False

    def open(self):
        if not self.is_open:
            self.is_open = True
            seen.append("open")

    def close(self):
        if self.is_open:
            self.is_open = False
            seen.append("close")

    def send_messages(self, messages):
        told["refuses"] -= 1
        if told["refuses"] == 0:
            seen.append("refused")
            raise SMTPServerDisconnected("421 busy")
        seen.extend("mail" for _message in messages)
        return len(messages)
