"""A chat as the tutorial of Channels builds it, in one file: a message of the channel layer for each viewer.

Nothing is kept, nobody is asked who they are, nothing is moderated.
"""

import json

from django.conf import settings

settings.configure(
    SECRET_KEY="peer",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402


class Chat(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard("room", self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send("room", {"type": "said", "text": json.loads(text_data)["text"]})

    async def said(self, event):
        await self.send(text_data=json.dumps({"text": event["text"]}))


application = ProtocolTypeRouter({"websocket": Chat.as_asgi()})
