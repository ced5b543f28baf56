"""What a lesson is made of, as an editor sees it."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from media.blocks import FileChooserBlock, VideoChooserBlock

TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "blockquote", "hr"]


class HandoutBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), max_length=120)
    file = FileChooserBlock(label=_("File"))

    class Meta:
        icon = "doc-full"
        label = _("Handout")
        template = "blocks/handout.html"


class LessonBody(blocks.StreamBlock):
    """At most one video: it carries the watch rule."""

    video = VideoChooserBlock(label=_("Video"), icon="media", template="blocks/video.html")
    text = blocks.RichTextBlock(label=_("Text"), features=TEXT_FEATURES, icon="pilcrow", template="blocks/text.html")
    handout = HandoutBlock()
    standard = SnippetChooserBlock(
        "courses.Standard", label=_("Standard card"), icon="doc-full-inverse", template="blocks/standard.html"
    )
    quiz = SnippetChooserBlock("courses.Assessment", label=_("Quiz"), icon="help", template="blocks/quiz.html")
    # A link and no frame: nothing is fetched from another host, neither here nor in the reader's browser.
    embed = blocks.URLBlock(label=_("External video"), icon="link-external", template="blocks/embed.html")

    class Meta:
        block_counts = {"video": {"max_num": 1}}
