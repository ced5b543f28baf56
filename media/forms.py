from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from filer.models import File

from media import captions, handouts, library
from media.models import Video

ACCEPTED = "video/*,.mkv,.flv,.ts,.mts,.m2ts,.vob"


class NewVideoForm(forms.ModelForm):
    """Upload a film; `keep` puts it into the library."""

    file = forms.FileField(
        label=_("Video file"),
        help_text=_("MP4, MOV, MKV, WebM, AVI, WMV, FLV or MPEG. The original is kept."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    title = forms.CharField(
        label=_("Title"), max_length=255, required=False, help_text=_("Left empty, the file's name is taken.")
    )
    field_order = ["file", "title"]

    class Meta:
        model = Video
        fields = ["title"]

    def clean_file(self):
        try:
            library.check(self.cleaned_data["file"])
        except library.NotAVideo as refused:
            raise forms.ValidationError(refused.message) from refused
        return self.cleaned_data["file"]

    def keep(self, owner):
        file = self.cleaned_data["file"]
        return library.add(file=file, name=file.name, owner=owner, title=self.cleaned_data["title"])


class NewHandoutForm(forms.ModelForm):
    """Upload a paper; `keep` puts it on the shelf."""

    upload = forms.FileField(label=_("File"), help_text=_("PDF, Word, Excel, PowerPoint, a picture, MP3, text or ZIP."))

    class Meta:
        model = File
        fields = []

    def clean_upload(self):
        file = self.cleaned_data["upload"]
        try:
            handouts.check(file, file.name)
        except handouts.Refused as refused:
            raise forms.ValidationError(refused.message) from refused
        return file

    def keep(self, owner):
        file = self.cleaned_data["upload"]
        return handouts.add(file=file, name=file.name, owner=owner)


class CaptionForm(forms.Form):
    """The words of a video in one language; a file wins over the text, an empty text takes them away."""

    file = forms.FileField(
        label=_("Caption file"),
        required=False,
        help_text=_("WebVTT or SRT, in UTF-8 or GB 18030."),
        widget=forms.FileInput(attrs={"accept": ".vtt,.srt,text/vtt"}),
    )
    body = forms.CharField(
        label=_("Captions"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        strip=False,
    )

    def __init__(self, *args, video, language, **kwargs):
        kept = next((caption.body for caption in video.captions.all() if caption.language == language), "")
        super().__init__(*args, prefix=language, initial={"body": kept}, **kwargs)
        self.video = video
        self.language = language
        self.label = dict(settings.LANGUAGES)[language]

    def clean(self):
        data = super().clean()
        field = "file" if data.get("file") else "body"
        try:
            text = captions.decode(data["file"].read()) if field == "file" else data.get("body", "")
            self.text = text if text.strip() else ""
            if self.text:
                captions.parse(self.text)
        except captions.Unreadable as refused:
            self.add_error(field, refused.message)
        return data

    def save(self):
        if self.text:
            captions.attach(self.video, self.language, self.text)
        else:
            captions.detach(self.video, self.language)
