"""A sender of uploads for the tests: speaks tus through Django's test client."""

import base64

from django.urls import reverse

STREAM = "application/offset+octet-stream"


def metadata(**fields):
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in fields.items())


class Sender:
    def __init__(self, client):
        self.client = client

    def create(self, length, *, head=None, version="1.0.0", **fields):
        fields.setdefault("filename", "film.mp4")
        body = {"data": head, "content_type": STREAM} if head else {}
        return self.client.post(
            reverse("media:uploads"),
            headers={"Tus-Resumable": version, "Upload-Length": str(length), "Upload-Metadata": metadata(**fields)},
            **body,
        )

    def send(self, address, data, offset, *, version="1.0.0", content_type=STREAM):
        return self.client.patch(
            address, data, content_type=content_type, headers={"Tus-Resumable": version, "Upload-Offset": str(offset)}
        )

    def offset(self, address):
        return self.client.head(address, headers={"Tus-Resumable": "1.0.0"})

    def cancel(self, address):
        return self.client.delete(address, headers={"Tus-Resumable": "1.0.0"})

    def state(self, address):
        return self.client.get(address).json()

    def decide(self, address, action):
        return self.client.post(f"{address}?action={action}", headers={"Accept": "application/json"})

    def whole(self, content, **fields):
        """Create and send in one go; the answer to the last request and the address."""
        address = self.create(len(content), **fields)["Location"]
        return self.send(address, content, 0), address
