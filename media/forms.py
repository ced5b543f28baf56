from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from filer.models import File

from media import allowances, captions, handouts, library, proofreading, replacing
from media.models import Video

ACCEPTED = "video/*,.mkv,.flv,.ts,.mts,.m2ts,.vob"


class NewVideoForm(forms.ModelForm):
    """Upload a film; `keep` puts it into the library. `reader` is who fills it in."""

    file = forms.FileField(
        label=_("Video file"),
        help_text=_("MP4, MOV, MKV, WebM, AVI, WMV, FLV or MPEG. The original is kept."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    title = forms.CharField(
        label=_("Title"), max_length=255, required=False, help_text=_("Left empty, the file's name is taken.")
    )
    again = forms.BooleanField(required=False, widget=forms.HiddenInput, label=_("Keep both"))
    field_order = ["file", "again", "title"]

    class Meta:
        model = Video
        fields = ["title"]

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        self.reader = reader

    def clean_file(self):
        try:
            library.check(self.cleaned_data["file"])
        except library.NotAVideo as refused:
            raise forms.ValidationError(refused.message) from refused
        return self.cleaned_data["file"]

    def clean(self):
        """The library takes no second copy without a word; the question appears with the answer beside it."""
        data = super().clean()
        twin = library.twin_of(data["file"]) if data.get("file") and not data.get("again") else None
        if twin:
            self.fields["again"].widget = forms.CheckboxInput()
            self.add_error("file", self._question(twin))
        return data

    def _question(self, twin):
        if allowances.may_see(self.reader, twin):
            words = _("This file is already in the library: “%(title)s”. Use that one, or tick “Keep both”.")
            return words % {"title": twin}
        return _("This file is already in the library. Use that one, or tick “Keep both”.")

    def keep(self, owner):
        file = self.cleaned_data["file"]
        return library.add(file=file, name=file.name, owner=owner, title=self.cleaned_data["title"])


class TitleForm(forms.ModelForm):
    class Meta:
        model = Video
        fields = ["title"]


class ReplacementForm(forms.Form):
    """Another file for a film; `before` is the original that the film had when the page was opened."""

    file = forms.FileField(label=_("The new file"), widget=forms.FileInput(attrs={"accept": ACCEPTED}))
    before = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, video=None, by=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.video, self.by = video, by

    def keep(self) -> bool:
        """Put the file in its place; False when it was refused, and then the form says why."""
        data = self.cleaned_data
        try:
            replacing.with_form(
                self.video, upload=data["file"], name=data["file"].name, by=self.by, before=data["before"]
            )
        except (library.NotAVideo, replacing.Refused) as refused:
            self.add_error("file", refused.message)
            return False
        return True


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
    """The words of a video in one language; a file wins over the text, an empty text takes them away.

    What a file says goes into the text at once, so that it can be put right here when it has faults.
    """

    file = forms.FileField(
        label=_("Caption file"),
        required=False,
        help_text=_("WebVTT or SRT, in any usual encoding: UTF-8, UTF-16, GBK, GB 18030 or Big5."),
        widget=forms.FileInput(attrs={"accept": ".vtt,.srt,text/vtt"}),
    )
    body = forms.CharField(
        label=_("Captions"),
        required=False,
        help_text=_("Empty takes the captions away."),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        strip=False,
    )

    def __init__(self, data=None, files=None, *, video, language):
        kept = next((caption.body for caption in video.captions.all() if caption.language == language), "")
        super().__init__(data, files, prefix=language, initial={"body": kept})
        self.video = video
        self.language = language
        self.label = dict(settings.LANGUAGES)[language]
        self.unreadable = None
        if self.is_bound:
            self._take_in(files)

    def _take_in(self, files):
        file = (files or {}).get(self.add_prefix("file"))
        if file is None or not file.size:
            return
        try:
            text = captions.decode(file.read(captions.BYTES + 1))
        except captions.Unreadable as refused:
            self.unreadable = refused
            return
        self.data = self.data.copy()
        self.data[self.add_prefix("body")] = text

    def clean(self):
        data = super().clean()
        self.cues = []
        if self.unreadable:
            self.add_error("file", self.unreadable.message)
            return data
        self.text = data.get("body", "").strip()
        try:
            if self.text:
                captions.parse(self.text)
                self.cues = captions.read(self.text)
        except captions.Unreadable as refused:
            self.add_error("body", refused.message)
        return data

    @property
    def findings(self):
        """Of what was sent, or else of what is kept. None when there is nothing to look at."""
        if self.is_bound:
            cues = self.cues if self.is_valid() else []
        else:
            cues = captions.read(self.initial["body"]) if self.initial["body"] else []
        return proofreading.review(cues, duration=self.video.duration) if cues else None

    def save(self):
        if self.text:
            captions.attach(self.video, self.language, self.text)
        elif self.initial["body"]:
            captions.detach(self.video, self.language)
